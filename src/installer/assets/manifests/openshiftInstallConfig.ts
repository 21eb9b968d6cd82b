import { defineAsset, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { RELEASE } from '../../release.ts';
import type { FileListValue } from '../fileList.ts';
import { OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';

/** Who installed the cluster, with which installer: support and statistics ask for it. */
export const openshiftInstallConfig = defineAsset({
  name: 'OpenShift Install (Manifests)',
  stateKey: '*openshiftinstall.Config',
  inputs: {},
  generate(_, { env }): FileListValue {
    const object = {
      apiVersion: 'v1',
      data: { invoker: env['OPENSHIFT_INSTALL_INVOKER'] || 'user', version: `v${RELEASE.version}` },
      kind: 'ConfigMap',
      metadata: {
        creationTimestamp: null,
        name: 'openshift-install-manifests',
        namespace: 'openshift-config',
      },
    };
    const path = `${OPENSHIFT_FOLDER}/openshift-install-manifests.yaml`;
    return { FileList: [stateFileEntry(path, renderManifest(object))] };
  },
});
