import {
  findNetworkFamily,
  getNetworkOf,
  hasHostBits,
  type IpFamily,
  isCidr,
  networksOverlap,
} from '#api/addresses.ts';
import type { Networking } from '#api/installConfig.ts';
import { type Problem, warning } from '#base/report.ts';
import { invalid } from './fieldErrors.ts';

const DOCKER_BRIDGE = '172.17.0.0/16';

/** Networks that OVN-Kubernetes uses inside every cluster. */
const OVN_NETWORKS = [
  { what: 'internal', cidr: '100.64.0.0/16' },
  { what: 'transit', cidr: '100.88.0.0/16' },
  { what: 'masquerade', cidr: '169.254.0.0/17' },
  { what: 'internal', cidr: 'fd98::/64' },
  { what: 'transit', cidr: 'fd97::/64' },
  { what: 'masquerade', cidr: 'fd69::/112' },
];

/** What every network must be: a CIDR without host bits that leaves OVN-Kubernetes its own networks. */
export function cidrProblems(path: string, cidr: string, networking: Networking): Problem[] {
  if (!isCidr(cidr)) return [invalid(path, cidr, `invalid CIDR address: ${cidr}`)];
  const found: Problem[] = [];
  if (/^(0\.0\.0\.0|::)\//.test(cidr)) found.push(invalid(path, cidr, 'address must be specified'));
  if (hasHostBits(cidr)) {
    found.push(invalid(path, cidr, `invalid network address. got ${cidr}, expecting ${getNetworkOf(cidr)}`));
  }
  if (networksOverlap(cidr, DOCKER_BRIDGE)) {
    found.push(warning(path, `${cidr} overlaps with default Docker Bridge subnet`));
  }
  if (networking.networkType !== 'OVNKubernetes') return found;
  const ownJoinSubnet = networking.ovnKubernetesConfig?.ipv4 !== undefined;
  for (const { what, cidr: used } of OVN_NETWORKS) {
    if (ownJoinSubnet && what === 'internal' && findNetworkFamily(used) === 4) continue;
    if (!networksOverlap(cidr, used)) continue;
    found.push(invalid(path, cidr, `must not overlap with OVNKubernetes default ${what} subnet ${used}`));
  }
  return found;
}

export const prefixLength = (cidr: string): number => Number(cidr.split('/')[1]);

/** Indexes of the networks that overlap with `cidr`; what is no CIDR overlaps with nothing. */
export const overlaps = (cidr: string, others: readonly string[]): number[] =>
  isCidr(cidr)
    ? others.flatMap((other, i) => (isCidr(other) && networksOverlap(cidr, other) ? [i] : []))
    : [];

export const familiesOf = (cidrs: readonly string[]): Set<IpFamily> =>
  new Set(cidrs.flatMap((cidr) => findNetworkFamily(cidr) ?? []));
