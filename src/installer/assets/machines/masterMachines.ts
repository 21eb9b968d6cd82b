import type { InstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { defineAsset } from '../../asset.ts';
import { platformNameOf } from '../../rules/platformRules.ts';
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
    refuseSingleNode(config);
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

/** Where a single machine can become a cluster: on `external` only if it is its own bootstrap machine. */
function refuseSingleNode(config: InstallConfig): void {
  const platform = platformNameOf(config);
  const hasDisk = (config.bootstrapInPlace?.installationDisk ?? '') !== '';
  if (config.controlPlane?.replicas !== 1 || platform === 'none') return;
  if (platform === 'external' && hasDisk) return;
  throw new Failure({
    code: 'installer/single-node-unsupported',
    message: `this install method does not support Single Node installation on platform ${platform}`,
    hint: 'use platform none, or platform external with bootstrapInPlace.installationDisk',
  });
}
