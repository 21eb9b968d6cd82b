import { findNetworkFamily } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { ClusterNetwork, InstallConfig, Networking } from '#api/installConfig.ts';
import { listOrOne } from '#api/shape.ts';
import type { Problem, Report } from '#base/report.ts';
import { invalid, required } from './fieldErrors.ts';

const CONVERTIBLE = ['v1', 'v1beta3', 'v1beta4'];
const NETWORK_TYPES = ['OpenShiftSDN', 'OVNKubernetes'];

/** What can't be converted: unknown versions, and deprecated fields that contradict the ones of today (spec/installer/03.3). */
export function validateConversion({ apiVersion, platform: { baremetal } }: InstallConfig): Report {
  if (apiVersion === '') return [required('apiVersion', 'no version was provided')];
  if (!CONVERTIBLE.includes(apiVersion)) {
    return [invalid('apiVersion', apiVersion, `cannot upconvert from version ${apiVersion}`)];
  }
  if (baremetal === undefined) return [];
  const found: Problem[] = [];
  const { provisioningHostIP, clusterProvisioningIP } = baremetal;
  if (provisioningHostIP !== '' && ![provisioningHostIP, ''].includes(clusterProvisioningIP)) {
    const detail = 'provisioningHostIP is deprecated; only clusterProvisioningIP needs to be specified';
    found.push(invalid('platform.baremetal.provisioningHostIP', provisioningHostIP, detail));
  }
  for (const [one, list] of [
    ['apiVIP', 'apiVIPs'],
    ['ingressVIP', 'ingressVIPs'],
  ] as const) {
    if (baremetal[one] === '' || baremetal[list].length === 0) continue;
    if (baremetal[list].includes(baremetal[one])) continue;
    // Upstream swaps the two names.
    const detail = `${one} is deprecated; only ${list} needs to be specified`;
    found.push(invalid(`platform.baremetal.${list}`, baremetal[one], detail));
  }
  return found;
}

/** Copies deprecated fields to where they belong today; a field that is set already wins. The old ones stay, as upstream writes them back. */
export function upconvertInstallConfig(config: InstallConfig): InstallConfig {
  const { networking, platform } = config;
  return {
    ...config,
    apiVersion: 'v1',
    ...(networking && { networking: upconvertNetworking(networking) }),
    platform: {
      ...platform,
      ...(platform.baremetal && { baremetal: upconvertBareMetal(platform.baremetal) }),
    },
  };
}

function upconvertNetworking(networking: Networking): Networking {
  const isDeprecated = networking.clusterNetwork.length === 0;
  const clusterNetwork = (isDeprecated ? networking.clusterNetworks : networking.clusterNetwork).map(
    withHostPrefix,
  );
  return {
    ...networking,
    networkType: canonicalType(networking.networkType === '' ? networking.type : networking.networkType),
    machineNetwork:
      networking.machineNetwork.length > 0 || networking.machineCIDR === ''
        ? networking.machineNetwork
        : [{ cidr: networking.machineCIDR }],
    serviceNetwork:
      networking.serviceNetwork.length > 0 || networking.serviceCIDR === ''
        ? networking.serviceNetwork
        : [networking.serviceCIDR],
    clusterNetwork,
    clusterNetworks: isDeprecated ? clusterNetwork : networking.clusterNetworks,
  };
}

const canonicalType = (type: string): string =>
  NETWORK_TYPES.find((known) => known.toLowerCase() === type.toLowerCase()) ?? type;

function withHostPrefix(network: ClusterNetwork): ClusterNetwork {
  const family = findNetworkFamily(network.cidr);
  if (network.hostPrefix !== 0 || network.hostSubnetLength === 0 || family === undefined) return network;
  return { ...network, hostPrefix: (family === 6 ? 128 : 32) - network.hostSubnetLength };
}

function upconvertBareMetal(platform: BareMetalPlatform): BareMetalPlatform {
  const { provisioningNetwork, provisioningDHCPExternal } = platform;
  return {
    ...platform,
    provisioningNetwork:
      provisioningNetwork === '' && provisioningDHCPExternal ? 'Unmanaged' : provisioningNetwork,
    clusterProvisioningIP: platform.clusterProvisioningIP || platform.provisioningHostIP,
    apiVIPs: listOrOne(platform.apiVIPs, platform.apiVIP),
    ingressVIPs: listOrOne(platform.ingressVIPs, platform.ingressVIP),
  };
}
