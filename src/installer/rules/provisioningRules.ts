import {
  findIpFamily,
  getNetworkOf,
  hasHostBits,
  isBetween,
  isCidr,
  networkContains,
  networksOverlap,
} from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { bootstrapMachineProblems } from './bootstrapMachineRules.ts';
import { invalid } from './fieldErrors.ts';
import { hostDriverProblems } from './hostRules.ts';

const PATH = 'platform.baremetal';
const SERVICES = ['bootstrapProvisioningIP', 'clusterProvisioningIP'] as const;
const SHORTEST_MANAGED_IPV6_PREFIX = 64;

/** What must hold on bare metal when hosts are really provisioned; other targets do not look (spec/installer/03.5.3). */
export function provisioningProblems({ platform: { baremetal }, networking }: InstallConfig): Problem[] {
  if (baremetal === undefined) return [];
  const machines = (networking?.machineNetwork ?? []).map(({ cidr }) => cidr).filter(isCidr);
  const network = baremetal.provisioningNetwork === 'Disabled' ? withoutNetwork : ownNetwork;
  return [
    ...network(baremetal, machines),
    ...bootstrapMachineProblems(baremetal),
    ...hostDriverProblems(baremetal),
  ];
}

/** Addresses that are none are refused by another rule. */
const servicesOf = (platform: BareMetalPlatform): { path: string; address: string }[] =>
  SERVICES.map((member) => ({ path: `${PATH}.${member}`, address: platform[member] })).filter(
    ({ address }) => findIpFamily(address) !== undefined,
  );

/** Without a network of its own provisioning happens on the machines' network. */
const withoutNetwork = (platform: BareMetalPlatform, machines: readonly string[]): Problem[] =>
  servicesOf(platform)
    .filter(({ address }) => !machines.some((cidr) => networkContains(cidr, address)))
    .map(({ path, address }) =>
      invalid(
        path,
        address,
        `provisioning network is disabled, IP expected to be in one of the machine networks: ${machines.join(',')}`,
      ),
    );

function ownNetwork(platform: BareMetalPlatform, machines: readonly string[]): Problem[] {
  const { provisioningNetworkCIDR: cidr } = platform;
  if (!isCidr(cidr)) return [];
  return [
    ...networkProblems(platform, machines),
    ...servicesOf(platform).flatMap(({ path, address }) => {
      const outside = networkContains(cidr, address)
        ? []
        : [`"${address}" is not in the provisioning network`];
      const onMachines = machines.some((machine) => networkContains(machine, address));
      const details = [
        ...outside,
        ...(onMachines ? ['the IP must not be in one of the machine networks'] : []),
      ];
      return details.map((detail) => invalid(path, address, detail));
    }),
    ...dhcpProblems(platform),
  ];
}

function networkProblems(platform: BareMetalPlatform, machines: readonly string[]): Problem[] {
  const { provisioningNetworkCIDR: cidr, provisioningNetwork } = platform;
  const details: string[] = [];
  const isTooLarge =
    findIpFamily(cidr.split('/')[0]!) === 6 && Number(cidr.split('/')[1]) < SHORTEST_MANAGED_IPV6_PREFIX;
  if (provisioningNetwork === 'Managed' && isTooLarge) {
    details.push('provisioningNetworkCIDR mask must be greater than or equal to 64 for IPv6 networks');
  }
  const overlapped = machines.find((machine) => networksOverlap(cidr, machine));
  if (overlapped !== undefined) details.push(`cannot overlap with machine network: ${overlapped}`);
  if (hasHostBits(cidr)) {
    details.push(`provisioningNetworkCIDR has host bits set, expected ${getNetworkOf(cidr)}`);
  }
  return details.map((detail) => invalid(`${PATH}.provisioningNetworkCIDR`, cidr, detail));
}

function dhcpProblems(platform: BareMetalPlatform): Problem[] {
  const { provisioningDHCPRange: range, provisioningNetworkCIDR: cidr } = platform;
  if (range === '') return [];
  const refused = (detail: string): Problem => invalid(`${PATH}.provisioningDHCPRange`, range, detail);
  const ends = range.split(',').map((end) => end.trim());
  const [first, last] = ends;
  if (first === undefined || last === undefined || ends.length > 2) {
    return [refused('provisioning DHCP range should be in format: start_ip,end_ip')];
  }
  const wrong = ends.filter((end) => findIpFamily(end) === undefined);
  if (wrong.length > 0) return wrong.map((end) => refused(`${end}: "${end}" is not a valid IP`));
  const outside = ends.filter((end) => !networkContains(cidr, end));
  if (outside.length > 0) return outside.map((end) => refused(`"${end}" is not in the provisioning network`));
  return servicesOf(platform)
    .filter(({ address }) => isBetween(address, first, last))
    .map(({ path, address }) =>
      invalid(path, address, `"${address}" overlaps with the allocated DHCP range`),
    );
}
