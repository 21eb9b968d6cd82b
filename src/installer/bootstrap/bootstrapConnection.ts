import { findIpFamily, networkContains } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { type KeyfileSection, renderKeyfile } from '#formats/nmKeyfile.ts';

/**
 * NetworkManager's profile of the bootstrap machine on the network of the cluster: the address that install-config gives
 * it, or else what DHCP and router advertisements say. The interface is found by its MAC address, because its name
 * depends on the hypervisor.
 */
export function renderBootstrapConnection(
  platform: BareMetalPlatform,
  machineNetworks: readonly string[],
): string {
  const { bootstrapExternalStaticIP: address, externalMACAddress } = platform;
  const family = findIpFamily(address);
  const automatic = [['method', 'auto']] as const;
  const given = family === undefined ? automatic : staticSettings(platform, machineNetworks);
  return renderKeyfile([
    {
      name: 'connection',
      values: [
        ['id', 'bootstrap-external'],
        ['type', 'ethernet'],
        ['autoconnect-priority', '100'],
      ],
    },
    { name: 'ethernet', values: [['mac-address', externalMACAddress]] },
    { name: 'ipv4', values: family === 4 ? given : automatic },
    { name: 'ipv6', values: family === 6 ? given : automatic },
  ]);
}

function staticSettings(
  platform: BareMetalPlatform,
  machineNetworks: readonly string[],
): KeyfileSection['values'] {
  const {
    bootstrapExternalStaticIP: address,
    bootstrapExternalStaticGateway: gateway,
    bootstrapExternalStaticDNS: dns,
  } = platform;
  return [
    ['method', 'manual'],
    ['address1', `${address}/${prefixLength(address, machineNetworks)}`],
    ...(gateway === '' ? [] : [['gateway', gateway] as const]),
    ...(dns === '' ? [] : [['dns', `${dns};`] as const]),
  ];
}

/** install-config has no prefix of its own for the address. One that lies in no machine network has no neighbours. */
function prefixLength(address: string, machineNetworks: readonly string[]): string {
  const network = machineNetworks.find((cidr) => networkContains(cidr, address));
  return network?.split('/')[1] ?? (findIpFamily(address) === 6 ? '128' : '32');
}
