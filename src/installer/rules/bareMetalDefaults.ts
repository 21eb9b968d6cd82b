import { addressAt, findIpFamily, isCidr, networkContains } from '#api/addresses.ts';
import type { BareMetalHost, BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { Random } from '../random.ts';

const PROVISIONING_NETWORK = '172.22.0.0/24';

/** Fills in `platform.baremetal` (spec/installer/03.2.5). Virtual IPs are never looked up in DNS here. */
export function withBareMetalDefaults(
  platform: BareMetalPlatform,
  machineNetworks: readonly string[],
  random: Random,
): BareMetalPlatform {
  const provisioningNetwork = platform.provisioningNetwork || 'Managed';
  const shared = {
    ...platform,
    ...(platform.hosts && { hosts: platform.hosts.map(withHostDefaults) }),
    provisioningNetwork,
    libvirtURI: platform.libvirtURI || 'qemu:///system',
    externalBridge: platform.externalBridge || 'baremetal',
    externalMACAddress: platform.externalMACAddress || randomMac(random),
    provisioningMACAddress: platform.provisioningMACAddress || randomMac(random),
  };
  if (provisioningNetwork === 'Disabled') {
    return {
      ...shared,
      provisioningNetworkCIDR:
        platform.provisioningNetworkCIDR || networkAround(platform.clusterProvisioningIP, machineNetworks),
    };
  }
  const cidr = platform.provisioningNetworkCIDR || PROVISIONING_NETWORK;
  const at = (place: number): string => (isCidr(cidr) ? addressAt(cidr, place) : '');
  const isManaged = provisioningNetwork === 'Managed';
  return {
    ...shared,
    provisioningNetworkCIDR: cidr,
    provisioningBridge: platform.provisioningBridge || 'provisioning',
    bootstrapProvisioningIP: platform.bootstrapProvisioningIP || at(2),
    clusterProvisioningIP: platform.clusterProvisioningIP || at(3),
    provisioningDHCPRange:
      platform.provisioningDHCPRange || (isManaged && isCidr(cidr) ? `${at(10)},${at(-2)}` : ''),
  };
}

const withHostDefaults = (host: BareMetalHost): BareMetalHost => ({
  ...host,
  hardwareProfile: host.hardwareProfile || 'default',
  bootMode: host.bootMode || 'UEFI',
});

const networkAround = (address: string, networks: readonly string[]): string =>
  findIpFamily(address) === undefined
    ? ''
    : (networks.find((network) => isCidr(network) && networkContains(network, address)) ?? '');

/** In libvirt's range; the fourth octet is locally administered, unicast and not `fe`, which libvirt keeps for its own side. */
function randomMac(random: Random): string {
  const [first = 0, ...others] = random(3);
  const local = (first | 2) & 0xfe;
  const octets = [0x52, 0x54, 0, local === 0xfe ? 0xee : local, ...others];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
