import { defineAsset } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import { featureGateManifest } from './featureGateManifest.ts';
import { openshiftInstallConfig } from './openshiftInstallConfig.ts';

/**
 * Manifests with which Cluster API makes a cluster's infrastructure in clouds. Ours have none; upstream writes an empty
 * file all the same (spec/additions 1), and we do not.
 */
export const clusterApi = defineAsset({
  name: 'Cluster API Manifests',
  stateKey: '*clusterapi.Cluster',
  inputs: { installConfig, clusterId, openshiftInstallConfig, featureGateManifest, rhcosImage },
  generate: (): FileListValue => ({ FileList: [] }),
  files: fileListFiles,
});
