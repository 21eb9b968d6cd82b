import { defineAsset } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { arbiterIgnition } from '../ignition/pointerIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import { ARBITER_FILES, controlPlaneHostFiles, hasManagedMachines } from './controlPlaneHosts.ts';
import { machineConfigFiles } from './machineConfig.ts';
import { machineSource } from './manifestFiles.ts';
import { userDataFile } from './secrets.ts';

/** Its Secret has the same name on all platforms. */
const USER_DATA = 'arbiter-user-data-managed';

const inputs = { clusterId, platformCredentialsCheck, installConfig, rhcosImage, pointer: arbiterIgnition };

/** Everything that makes arbiters, which vote in etcd and run nothing else; no files in a cluster without them. */
export const arbiterMachines = defineAsset<FileListValue, typeof inputs>({
  name: 'Arbiter Machines',
  stateKey: '*machines.Arbiter',
  inputs,
  source: machineSource('arbiter', Object.values(ARBITER_FILES)),
  generate(values) {
    const { config } = values.installConfig;
    const pool = config.arbiter;
    const pointer = values.pointer.File;
    if (pool === undefined || pointer === null) return { FileList: [] };
    const machines = {
      infraId: values.clusterId.InfraID,
      role: 'arbiter',
      userData: USER_DATA,
    } as const;
    const replicas = pool.replicas ?? 1;
    return {
      FileList: [
        userDataFile('arbiter', USER_DATA, pointer),
        ...machineConfigFiles('arbiter', pool, config),
        ...(hasManagedMachines(config)
          ? controlPlaneHostFiles(config, { machines, replicas, files: ARBITER_FILES })
          : []),
      ],
    };
  },
  files: fileListFiles,
});
