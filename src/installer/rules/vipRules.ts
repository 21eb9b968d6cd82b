import { findIpFamily, isCidr, networkContains } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { familiesOf } from './cidrRules.ts';
import { invalid, invalidDump, required, tooMany } from './fieldErrors.ts';

const MOST_VIPS = 2;

/** One of the two lists of virtual IPs, with upstream's words for it. */
interface VipList {
  readonly field: 'apiVIPs' | 'ingressVIPs';
  readonly name: 'API' | 'Ingress';
  readonly whenMissing: string;
  /** What is said of the other list when only this one is given. */
  readonly other: { readonly field: 'apiVIPs' | 'ingressVIPs'; readonly whenAlone: string };
}

const API: VipList = {
  field: 'apiVIPs',
  name: 'API',
  whenMissing: 'must specify at least one VIP for the API',
  other: { field: 'ingressVIPs', whenAlone: 'must specify VIP for ingress, when VIP for API is set' },
};
const INGRESS: VipList = {
  field: 'ingressVIPs',
  name: 'Ingress',
  whenMissing: 'must specify at least one VIP for the Ingress',
  other: { field: 'apiVIPs', whenAlone: 'must specify VIP for API, when VIP for ingress is set' },
};

/** The rules for the virtual IPs of bare metal (spec/installer/03.5.2). */
export function vipProblems(config: InstallConfig): Problem[] {
  const platform = config.platform.baremetal;
  if (platform === undefined) return [];
  const machines = config.networking?.machineNetwork.map(({ cidr }) => cidr) ?? [];
  return [...listProblems(API, platform, machines), ...listProblems(INGRESS, platform, machines)];
}

function listProblems(list: VipList, platform: BareMetalPlatform, machines: readonly string[]): Problem[] {
  const path = pathOf(list.field);
  const vips = platform[list.field];
  const others = platform[list.other.field];
  if (vips.length === 0) return [required(path, list.whenMissing)];
  if (vips.length > MOST_VIPS) return [tooMany(path, vips.length, MOST_VIPS)];
  return [
    ...vips.flatMap((vip) => addressProblems(list, vip, platform, machines)),
    ...(others.length === 0 ? [required(pathOf(list.other.field), list.other.whenAlone)] : []),
    ...familyProblems(list, vips, machines),
  ];
}

const pathOf = (field: string): string => `platform.baremetal.${field}`;

function addressProblems(
  list: VipList,
  vip: string,
  platform: BareMetalPlatform,
  machines: readonly string[],
): Problem[] {
  const path = pathOf(list.field);
  if (findIpFamily(vip) === undefined) return [invalid(path, vip, `"${vip}" is not a valid IP`)];
  // A balancer of the user's own may stand anywhere and serve both.
  if (platform.loadBalancer?.type === 'UserManaged') return [];
  const found: Problem[] = [];
  if (list === API && platform.ingressVIPs.includes(vip)) {
    found.push(invalid(path, vip, 'VIP for API must not be one of the Ingress VIPs'));
  }
  if (!machines.some((cidr) => isCidr(cidr) && networkContains(cidr, vip))) {
    const detail = `IP expected to be in one of the machine networks: ${machines.join(',')}`;
    found.push(invalid(path, vip, detail));
  }
  return found;
}

function familyProblems(list: VipList, vips: readonly string[], machines: readonly string[]): Problem[] {
  const path = pathOf(list.field);
  const [first, second] = vips.map(findIpFamily);
  const families = [...familiesOf(machines)];
  if (vips.length === 1 && first !== undefined && families.length === 2 && first !== families[0]) {
    const detail = `VIP for the ${list.name} must be of the same IP family with machine network's primary IP Family for dual-stack IPv4/IPv6`;
    return [invalid(path, vips[0]!, detail)];
  }
  if (vips.length === 2 && first === second) {
    const detail = `If two ${list.name} VIPs are given, one must be an IPv4 address, the other an IPv6`;
    return [invalidDump(path, `[]string{${vips.map((vip) => JSON.stringify(vip)).join(', ')}}`, detail)];
  }
  return [];
}
