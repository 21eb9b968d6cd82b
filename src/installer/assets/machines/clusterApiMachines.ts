import { defineAsset } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { rhcosImage } from '../release/rhcosImages.ts';

/** Machines that Cluster API makes in clouds; our platforms have none, but the state file has its entry. */
export const clusterApiMachines = defineAsset({
  name: 'Cluster API Machine Manifests',
  stateKey: '*machines.ClusterAPI',
  inputs: { installConfig, clusterId, rhcosImage },
  generate: (): FileListValue => ({ FileList: [] }),
  files: fileListFiles,
});
