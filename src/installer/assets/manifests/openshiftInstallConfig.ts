import { defineAsset, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { RELEASE } from '../../release.ts';
import type { FileListValue } from '../fileList.ts';
import { OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';

const PATH = `${OPENSHIFT_FOLDER}/openshift-install-manifests.yaml`;

/** Who installed the cluster, with which installer: support and statistics ask for it. */
export const openshiftInstallConfig = defineAsset<FileListValue, Record<never, never>>({
  name: 'OpenShift Install (Manifests)',
  stateKey: '*openshiftinstall.Config',
  inputs: {},
  source: {
    path: PATH,
    parse: ([file]) => ({ value: { FileList: [stateFileEntry(PATH, file!.content)] }, warnings: [] }),
  },
  generate(_, { env }) {
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
    return { FileList: [stateFileEntry(PATH, renderManifest(object))] };
  },
});
