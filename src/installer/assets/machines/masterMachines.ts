import { defineAsset } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { masterIgnition } from '../ignition/pointerIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import { controlPlaneHostFiles, hasManagedMachines, MASTER_FILES } from './controlPlaneHosts.ts';
import { machineConfigFiles } from './machineConfig.ts';
import { filesOfKind, machineSource } from './manifestFiles.ts';
import { fencingSecret, userDataFile } from './secrets.ts';

const inputs = { clusterId, platformCredentialsCheck, installConfig, rhcosImage, pointer: masterIgnition };

/** Everything that makes control plane machines and tells them what they are (spec/installer/05.3). */
export const masterMachines = defineAsset<FileListValue, typeof inputs>({
  name: 'Master Machines',
  stateKey: '*machines.Master',
  inputs,
  source: machineSource('master', [...Object.values(MASTER_FILES), 'fencingSecrets']),
  generate(values) {
    const { config } = values.installConfig;
    const pool = config.controlPlane!;
    const userData = config.platform.baremetal ? 'master-user-data-managed' : 'master-user-data';
    const machines = { infraId: values.clusterId.InfraID, role: 'master', userData } as const;
    const replicas = pool.replicas ?? 1;
    return {
      FileList: [
        userDataFile('master', userData, values.pointer.File!),
        ...machineConfigFiles('master', pool, config),
        ...(hasManagedMachines(config)
          ? controlPlaneHostFiles(config, { machines, replicas, files: MASTER_FILES })
          : []),
        ...filesOfKind('fencingSecrets', (pool.fencing?.credentials ?? []).map(fencingSecret)),
      ],
    };
  },
  files: fileListFiles,
});
