import type { BareMetalHost } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import type { StateFileEntry } from '../../asset.ts';
import { enabledCapabilities } from '../../rules/capabilities.ts';
import { bareMetalHostOf } from './bareMetalHost.ts';
import { type AssignedHost, assignHosts } from './hostRoles.ts';
import type { MachineFileKind } from './machineFiles.ts';
import { type MachineKind, machineOf } from './machineObjects.ts';
import { filesOfKind } from './manifestFiles.ts';
import { bmcSecret, networkConfigSecret } from './secrets.ts';

/** Bare metal machines are managed by the Machine API; without that capability nobody would read their manifests. */
export const hasManagedMachines = (config: InstallConfig): boolean =>
  config.platform.baremetal !== undefined && enabledCapabilities(config.capabilities).has('MachineAPI');

/** The kinds of files that a control plane role has, in the order in which the cluster is to get them. */
export interface HostFileKinds {
  readonly bmcSecrets: MachineFileKind;
  readonly networkSecrets: MachineFileKind;
  readonly hosts: MachineFileKind;
  readonly machines: MachineFileKind;
}

export const MASTER_FILES = {
  bmcSecrets: 'bmcSecrets',
  networkSecrets: 'networkSecrets',
  hosts: 'hosts',
  machines: 'masterMachines',
} as const;
export const ARBITER_FILES = {
  bmcSecrets: 'arbiterBmcSecrets',
  networkSecrets: 'arbiterNetworkSecrets',
  hosts: 'arbiterHosts',
  machines: 'arbiterMachines',
} as const;

/**
 * Secrets, hosts and Machines of a control plane role on bare metal. The hosts that become nothing at installation are
 * among the masters' files, as upstream has them.
 */
export function controlPlaneHostFiles(
  config: InstallConfig,
  pool: { readonly machines: MachineKind; readonly replicas: number; readonly files: HostFileKinds },
): StateFileEntry[] {
  const { machines: kind, replicas, files } = pool;
  const machines = Array.from({ length: replicas }, (_, i) => machineOf(kind, i));
  const assigned = assignHosts(config).filter(
    ({ role }) => role === kind.role || (role === 'spare' && kind.role === 'master'),
  );
  const hosts = assigned.map(({ host }) => host);
  const hostObject = (one: AssignedHost) =>
    one.role === 'spare'
      ? bareMetalHostOf(one.host)
      : bareMetalHostOf(one.host, { machine: machines[one.index]!, userData: kind.userData });
  return [
    ...filesOfKind(files.bmcSecrets, allOf(hosts, bmcSecret)),
    ...filesOfKind(files.networkSecrets, allOf(hosts, networkConfigSecret)),
    ...filesOfKind(files.hosts, assigned.map(hostObject)),
    ...filesOfKind(files.machines, machines),
  ];
}

const allOf = (
  hosts: readonly BareMetalHost[],
  make: (host: BareMetalHost) => object | undefined,
): object[] => hosts.map(make).filter((made) => made !== undefined);
