import { findNetworkFamily } from '#api/addresses.ts';
import type { InstallConfig, Networking, PlatformName } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { familiesOf } from './cidrRules.ts';
import { invalid } from './fieldErrors.ts';

const WITH_IPV6: readonly PlatformName[] = [
  'baremetal',
  'none',
  'external',
  'vsphere',
  'openstack',
  'nutanix',
  'ovirt',
];
/** These may list IPv6 first. */
const ANY_ORDER: readonly PlatformName[] = ['baremetal', 'vsphere', 'openstack'];

/** Which IP families a cluster's networks may have (spec/installer/03.5, row 14). Dual stack is what the service networks say. */
export function ipFamilyProblems(config: InstallConfig, networking: Networking): Problem[] {
  const services = familiesOf(networking.serviceNetwork);
  const isSupported = WITH_IPV6.some((name) => config.platform[name] !== undefined);
  if (services.size === 2) return dualStackProblems(config, networking, isSupported);
  if (services.has(6)) {
    return isSupported
      ? []
      : [invalid('networking', 'IPv6', 'single-stack IPv6 is not supported for this platform')];
  }
  if (networking.serviceNetwork.length > 1) {
    const value = networking.serviceNetwork.join(', ');
    return [invalid('networking.serviceNetwork', value, 'only one service network can be specified')];
  }
  return [];
}

function dualStackProblems(config: InstallConfig, networking: Networking, isSupported: boolean): Problem[] {
  const found: Problem[] = [];
  if (networking.serviceNetwork.length !== 2) {
    const detail =
      'when installing dual-stack IPv4/IPv6 you must provide two service networks, one for each IP address type';
    found.push(invalid('networking.serviceNetwork', networking.serviceNetwork.join(', '), detail));
  }
  if (!isSupported) {
    const detail =
      'dual-stack IPv4/IPv6 is not supported for this platform, specify only one type of address';
    found.push(invalid('networking', 'DualStack', detail));
  }
  const lists: Readonly<Record<string, readonly string[]>> = {
    machineNetwork: networking.machineNetwork.map(({ cidr }) => cidr),
    serviceNetwork: networking.serviceNetwork,
    clusterNetwork: networking.clusterNetwork.map(({ cidr }) => cidr),
  };
  const isOrdered = !ANY_ORDER.some((name) => config.platform[name] !== undefined);
  for (const [key, cidrs] of Object.entries(lists)) {
    const path = `networking.${key}`;
    const value = cidrs.join(', ');
    const families = familiesOf(cidrs);
    if (!families.has(6))
      found.push(invalid(path, value, 'dual-stack IPv4/IPv6 requires an IPv6 network in this list'));
    else if (!families.has(4)) {
      found.push(invalid(path, value, 'dual-stack IPv4/IPv6 requires an IPv4 network in this list'));
    } else if (isOrdered && findNetworkFamily(cidrs[0]!) === 6) {
      found.push(invalid(path, value, 'IPv4 addresses must be listed before IPv6 addresses'));
    }
  }
  return found;
}
