import { findNetworkFamily, isCidr } from '#api/addresses.ts';
import type { InstallConfig, Networking } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { cidrProblems, overlaps, prefixLength } from './cidrRules.ts';
import { internal, invalid } from './fieldErrors.ts';

const PATH = 'networking.ovnKubernetesConfig.ipv4.internalJoinSubnet';
/** Addresses of a join subnet that no node gets. */
const RESERVED = 3;

/** The rules for OVN-Kubernetes' own settings (spec/installer/03.5, row 17). */
export function joinSubnetProblems({ networking }: InstallConfig): Problem[] {
  if (networking?.ovnKubernetesConfig === undefined) return [];
  if (networking.networkType !== 'OVNKubernetes') {
    const detail = 'ovnKubernetesConfig may only be specified with the OVNKubernetes networkType';
    return [invalid('networking.networkType', networking.networkType, detail)];
  }
  const subnet = networking.ovnKubernetesConfig.ipv4?.internalJoinSubnet ?? '';
  if (subnet === '') return [];
  const problems = cidrProblems(PATH, subnet, { ...networking, networkType: '' });
  if (!isCidr(subnet)) return problems;
  const others = {
    clusterNetwork: networking.clusterNetwork.map(({ cidr }) => cidr),
    machineNetwork: networking.machineNetwork.map(({ cidr }) => cidr),
    serviceNetwork: networking.serviceNetwork,
  };
  const clashes = Object.entries(others).flatMap(([what, cidrs]) =>
    overlaps(subnet, cidrs).map((i) => invalid(PATH, subnet, `must not overlap with ${what} ${cidrs[i]}`)),
  );
  return [...problems, ...clashes, ...capacityProblems(networking, subnet)];
}

/** Every node takes one address; a cluster network yields one node for each of its host subnets. */
function capacityProblems(networking: Networking, subnet: string): Problem[] {
  const broken = networking.clusterNetwork.findIndex(
    ({ cidr, hostPrefix }) => findNetworkFamily(cidr) === 4 && hostPrefix < prefixLength(cidr),
  );
  if (broken !== -1) {
    const detail = `cannot determine the number of nodes supported by cluster network ${broken} due to invalid hostPrefix`;
    return [internal(PATH, detail)];
  }
  const nodes = networking.clusterNetwork
    .filter(({ cidr }) => findNetworkFamily(cidr) === 4)
    .reduce((sum, { cidr, hostPrefix }) => sum + 2 ** (hostPrefix - prefixLength(cidr)), 0);
  if (nodes < 2 ** (32 - prefixLength(subnet)) - RESERVED) return [];
  const detail =
    'ipv4InternalJoinSubnet is not large enough for the maximum number of nodes which can be supported by ClusterNetwork';
  return [invalid(PATH, subnet, detail)];
}
