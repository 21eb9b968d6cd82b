import { findIpFamily, isCidr } from '#api/addresses.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { enabledCapabilities } from './capabilities.ts';
import { invalid, invalidDump, unsupported } from './fieldErrors.ts';
import {
  bootModeProblems,
  hostCountProblems,
  hostMemberProblems,
  hostNameProblems,
  rootDeviceProblems,
} from './hostRules.ts';

const PATH = 'platform.baremetal';
const PROVISIONING_NETWORKS = ['Disabled', 'Managed', 'Unmanaged'];
const LOAD_BALANCERS = ['OpenShiftManagedDefault', 'UserManaged'];

/** How the hosts get their operating system, and from which release. */
export interface Installation {
  /** Hosts boot the agent ISO, so that none has to be named beforehand. */
  readonly isAgent: boolean;
  /** The only architecture of the release payload; absent: it has several, or it is not known. */
  readonly releaseArchitecture?: string;
}

/** The network over which hosts are provisioned. */
export function provisioningNetworkProblems({ platform: { baremetal } }: InstallConfig): Problem[] {
  if (baremetal === undefined) return [];
  const found: Problem[] = [];
  const { provisioningNetwork, provisioningNetworkCIDR } = baremetal;
  if (!PROVISIONING_NETWORKS.includes(provisioningNetwork)) {
    found.push(unsupported(`${PATH}.provisioningNetwork`, provisioningNetwork, PROVISIONING_NETWORKS));
  }
  if (provisioningNetworkCIDR !== '' && !isCidr(provisioningNetworkCIDR)) {
    const detail = `invalid CIDR address: ${provisioningNetworkCIDR}`;
    found.push(invalid(`${PATH}.provisioningNetworkCIDR`, provisioningNetworkCIDR, detail));
  }
  for (const member of ['bootstrapProvisioningIP', 'clusterProvisioningIP'] as const) {
    const address = baremetal[member];
    if (address === '' || findIpFamily(address) !== undefined) continue;
    found.push(invalid(`${PATH}.${member}`, address, `"${address}" is not a valid IP`));
  }
  return found;
}

/** The hosts themselves (spec/installer/03.5.3). The agent finds hosts on its own, so none is needed for it. */
export function hostProblems(config: InstallConfig, { isAgent }: Installation): Problem[] {
  const { baremetal } = config.platform;
  if (baremetal === undefined) return [];
  const hosts = baremetal.hosts ?? [];
  const hasMachines = enabledCapabilities(config.capabilities).has('MachineAPI');
  const found: Problem[] = [];
  if (!isAgent && hasMachines) {
    if (baremetal.hosts === undefined) {
      found.push(invalidDump(`${PATH}.hosts`, '[]*baremetal.Host(nil)', 'bare metal hosts are missing'));
    }
    found.push(...hostCountProblems(config));
    found.push(...hostMemberProblems(hosts));
  }
  return [...found, ...bootModeProblems(hosts), ...rootDeviceProblems(hosts), ...hostNameProblems(hosts)];
}

export function loadBalancerProblems({ platform: { baremetal } }: InstallConfig): Problem[] {
  const type = baremetal?.loadBalancer?.type ?? '';
  if (type === '' || LOAD_BALANCERS.includes(type)) return [];
  return [invalid(`${PATH}.loadBalancer.type`, type, 'invalid load balancer type')];
}
