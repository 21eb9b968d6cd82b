import { findNetworkFamily } from '#api/addresses.ts';
import type { Networking } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { cidrProblems, overlaps, prefixLength } from './cidrRules.ts';
import { invalid, required } from './fieldErrors.ts';

/** The rules for `networking.clusterNetwork` (spec/installer/03.5, row 13). */
export function clusterNetworkProblems(networking: Networking): Problem[] {
  const { clusterNetwork } = networking;
  if (clusterNetwork.length === 0) return [required('networking.clusterNetwork', 'cluster network required')];
  const machines = networking.machineNetwork.map(({ cidr }) => cidr);
  const clusters = clusterNetwork.map(({ cidr }) => cidr);
  return clusters.flatMap((cidr, i) => {
    const path = `networking.clusterNetwork[${i}].cidr`;
    const overlap = (what: string): Problem =>
      invalid(path, cidr, `cluster network must not overlap with ${what}`);
    return [
      ...cidrProblems(path, cidr, networking),
      ...overlaps(cidr, machines).map(() => overlap('any of the machine networks')),
      ...overlaps(cidr, networking.serviceNetwork).map((j) => overlap(`service network ${j}`)),
      ...overlaps(cidr, clusters.slice(0, i)).map((j) => overlap(`cluster network ${j}`)),
      ...hostPrefixProblems(networking, i),
    ];
  });
}

function hostPrefixProblems(networking: Networking, index: number): Problem[] {
  const { cidr, hostPrefix } = networking.clusterNetwork[index]!;
  const family = findNetworkFamily(cidr);
  const path = `networking.clusterNetwork[${index}].hostPrefix`;
  if (family === undefined || (networking.networkType !== 'OVNKubernetes' && hostPrefix === 0)) return [];
  if (hostPrefix < 0) return [invalid(path, hostPrefix, 'hostPrefix must be positive')];
  const found: Problem[] = [];
  if (hostPrefix < prefixLength(cidr)) {
    const detail = `cluster network host subnetwork prefix must not be larger size than CIDR ${cidr}`;
    found.push(invalid(path, hostPrefix, detail));
  }
  const first = networking.clusterNetwork.find((network) => findNetworkFamily(network.cidr) === 4);
  if (family === 4 && first !== undefined && first.hostPrefix !== hostPrefix) {
    const detail = 'cluster network host subnetwork prefix must be the same value for IPv4 networks';
    found.push(invalid(path, hostPrefix, detail));
  }
  if (family === 6 && hostPrefix !== 64) {
    found.push(
      invalid(path, hostPrefix, 'cluster network host subnetwork prefix must be 64 for IPv6 networks'),
    );
  }
  return found;
}
