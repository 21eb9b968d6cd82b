import { findIpFamily, findNetworkFamily, getNetmask, getShortForm } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';

/** What ironic is told of the network that hosts are installed over, in the forms that its containers read. */
export interface ProvisioningNetwork {
  /** Of the interface of the bootstrap machine that hosts reach ironic by. */
  readonly mac: string;
  /** With the prefix length; empty where ironic has the machine's address on the network of the cluster. */
  readonly address: string;
  /** dnsmasq's `dhcp-range`; empty where this machine does not serve DHCP. */
  readonly dhcpRange: string;
  /** Kernel argument that tells the agents on the hosts how to get an address. */
  readonly ipOption: string;
}

/** Takes the platform with its defaults (spec/installer/03.2.5). */
export function provisioningNetworkOf(
  platform: BareMetalPlatform,
  machineNetworks: readonly string[],
): ProvisioningNetwork {
  if (platform.provisioningNetwork === 'Disabled') {
    return {
      mac: platform.externalMACAddress,
      address: '',
      dhcpRange: '',
      ipOption: ipOption(machineNetworks.map(findNetworkFamily)),
    };
  }
  const { bootstrapProvisioningIP: ip, provisioningNetworkCIDR: cidr } = platform;
  return {
    mac: platform.provisioningMACAddress,
    // `ip address` prints the short form of IPv6, and start-provisioning-nic.sh looks for it there.
    address: `${getShortForm(ip)}/${cidr.split('/')[1]}`,
    dhcpRange: platform.provisioningNetwork === 'Managed' ? dhcpRange(platform) : '',
    ipOption: ipOption([findIpFamily(ip)]),
  };
}

/** dnsmasq wants a netmask for IPv4, where it takes a bare number for the lease time, and a prefix length for IPv6. */
function dhcpRange({ provisioningDHCPRange, provisioningNetworkCIDR }: BareMetalPlatform): string {
  const mask =
    findNetworkFamily(provisioningNetworkCIDR) === 6
      ? provisioningNetworkCIDR.split('/')[1]
      : getNetmask(provisioningNetworkCIDR);
  return `${provisioningDHCPRange},${mask}`;
}

function ipOption(families: readonly (4 | 6 | undefined)[]): string {
  const ways = [families.includes(4) ? 'dhcp' : '', families.includes(6) ? 'dhcp6' : ''];
  return `ip=${ways.filter((way) => way !== '').join(',')}`;
}
