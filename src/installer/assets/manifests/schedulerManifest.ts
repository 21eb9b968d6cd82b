import { warn } from '#base/logger.ts';
import { defineAsset } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';
import { workerCount } from './topologies.ts';

/** Whether workloads may run on the control plane: without workers there is no other place. */
export const schedulerManifest = defineAsset({
  name: 'Scheduler Config',
  stateKey: '*manifests.Scheduler',
  inputs: { installConfig },
  generate({ installConfig: { config } }, { logger }): FileListValue {
    const mastersSchedulable = workerCount(config) === 0;
    if (mastersSchedulable) {
      warn(
        logger,
        'Making control-plane schedulable by setting MastersSchedulable to true for Scheduler cluster settings',
      );
    }
    const object = clusterObject('Scheduler', {
      spec: {
        mastersSchedulable,
        policy: { name: '' },
        profileCustomizations: { dynamicResourceAllocation: '' },
      },
      status: {},
    });
    return { FileList: [manifestFile('cluster-scheduler-02-config.yml', object)] };
  },
});
