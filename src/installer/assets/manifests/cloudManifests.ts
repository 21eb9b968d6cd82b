import { defineAsset } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';

// Both are for clouds only. On our platforms they are empty, but the state file has their entries.

/** Settings of a cloud's controllers. */
export const cloudProviderConfig = defineAsset({
  name: 'Cloud Provider Config',
  stateKey: '*manifests.CloudProviderConfig',
  inputs: { installConfig, clusterId, platformCredentialsCheck },
  generate: (): FileListValue => ({ FileList: [] }),
});

/** Settings of a cloud's storage driver. */
export const clusterCsiDriverConfig = defineAsset({
  name: 'Cluster CSI Driver Config',
  stateKey: '*manifests.ClusterCSIDriverConfig',
  inputs: { installConfig, clusterId },
  generate: (): FileListValue => ({ FileList: [] }),
});
