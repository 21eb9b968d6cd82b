import { defineAsset } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { workerIgnition } from '../ignition/pointerIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';
import { rhcosImage, rhcosRelease } from '../release/rhcosImages.ts';
import { hasManagedMachines } from './controlPlaneHosts.ts';
import { machineConfigFiles } from './machineConfig.ts';
import { machineSetOf } from './machineObjects.ts';
import { filesOfKind, machineSource } from './manifestFiles.ts';
import { userDataFile } from './secrets.ts';

const inputs = {
  clusterId,
  platformCredentialsCheck,
  installConfig,
  rhcosImage,
  rhcosRelease,
  pointer: workerIgnition,
};

/** Everything that makes compute machines and tells them what they are (spec/installer/05.3). */
export const workerMachines = defineAsset<FileListValue, typeof inputs>({
  name: 'Worker Machines',
  stateKey: '*machines.Worker',
  inputs,
  source: machineSource('worker', ['workerMachineSets', 'workerMachines']),
  generate(values) {
    const { config } = values.installConfig;
    const pool = config.compute.find(({ name }) => name === 'worker')!;
    const userData = config.platform.baremetal ? 'worker-user-data-managed' : 'worker-user-data';
    const machines = { infraId: values.clusterId.InfraID, role: 'worker', userData } as const;
    return {
      FileList: [
        userDataFile('worker', userData, values.pointer.File!),
        ...machineConfigFiles('worker', pool, config),
        ...(hasManagedMachines(config)
          ? filesOfKind('workerMachineSets', [machineSetOf(machines, pool.replicas ?? 0)])
          : []),
      ],
    };
  },
  files: fileListFiles,
});
