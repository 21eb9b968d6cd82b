import { IGNITION_VERSION } from '#api/ignition.ts';
import type { InstallConfig, MachinePool } from '#api/installConfig.ts';
import { type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { type MachineRole, machineConfigPath } from './machineFiles.ts';

interface MachineConfigParts {
  readonly name: string;
  readonly role: MachineRole;
  /** An Ignition config. */
  readonly ignition?: object;
  readonly kernelArguments?: readonly string[];
  readonly fips?: boolean;
}

/** A MachineConfig with the members that upstream's serialisation writes where they have no value (spec/installer/05.3). */
export const machineConfigOf = ({ name, role, ignition, kernelArguments, fips }: MachineConfigParts) => ({
  apiVersion: 'machineconfiguration.openshift.io/v1',
  kind: 'MachineConfig',
  metadata: {
    creationTimestamp: null,
    labels: { 'machineconfiguration.openshift.io/role': role },
    name,
  },
  spec: {
    baseOSExtensionsContainerImage: '',
    config: ignition ?? { ignition: { version: IGNITION_VERSION } },
    extensions: null,
    fips: fips ?? false,
    kernelArguments: kernelArguments ?? null,
    kernelType: '',
    osImageURL: '',
  },
});

/** Both address families are two entries of the list, one for each. */
const DUAL_STACK_NETWORKS = 2;

/** Files of the MachineConfigs that a pool of machines starts with, in upstream's order. */
export function machineConfigFiles(
  role: MachineRole,
  pool: Pick<MachinePool, 'hyperthreading'>,
  config: InstallConfig,
): StateFileEntry[] {
  const wanted: MachineConfigParts[] = [];
  if (pool.hyperthreading === 'Disabled') {
    const kernelArguments = ['nosmt', 'smt-enabled=off'];
    wanted.push({ name: `99-${role}-disable-hyperthreading`, role, kernelArguments });
  }
  if (config.sshKey !== '') {
    const passwd = { users: [{ name: 'core', sshAuthorizedKeys: [config.sshKey] }] };
    const ignition = { ignition: { version: IGNITION_VERSION }, passwd };
    wanted.push({ name: `99-${role}-ssh`, role, ignition });
  }
  if (config.fips) wanted.push({ name: `99-${role}-fips`, role, fips: true });
  if (config.networking?.serviceNetwork.length === DUAL_STACK_NETWORKS) {
    // Not in the spec: upstream has the initial RAM disk ask for addresses of both families.
    wanted.push({ name: `99-dual-stack-${role}`, role, kernelArguments: ['ip=dhcp,dhcp6'] });
  }
  return wanted.map((parts) =>
    stateFileEntry(machineConfigPath(parts.name), renderManifest(machineConfigOf(parts))),
  );
}
