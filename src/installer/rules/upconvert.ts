import { findNetworkFamily } from '#api/addresses.ts';
import type { ClusterNetwork, InstallConfig, Networking } from '#api/installConfig.ts';
import type { Report } from '#base/report.ts';
import { invalid, required } from './fieldErrors.ts';

const CONVERTIBLE = ['v1', 'v1beta3', 'v1beta4'];
const NETWORK_TYPES = ['OpenShiftSDN', 'OVNKubernetes'];

/** Which versions can be read at all (spec/installer/03.3). */
export function validateVersion({ apiVersion }: InstallConfig): Report {
  if (apiVersion === '') return [required('apiVersion', 'no version was provided')];
  if (!CONVERTIBLE.includes(apiVersion)) {
    return [invalid('apiVersion', apiVersion, `cannot upconvert from version ${apiVersion}`)];
  }
  return [];
}

/** Moves deprecated fields to where they belong today; a field that is set already wins. */
export function upconvertInstallConfig(config: InstallConfig): InstallConfig {
  const { networking } = config;
  return { ...config, apiVersion: 'v1', ...(networking && { networking: upconvertNetworking(networking) }) };
}

function upconvertNetworking(networking: Networking): Networking {
  const clusterNetwork =
    networking.clusterNetwork.length > 0 ? networking.clusterNetwork : networking.clusterNetworks;
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
    clusterNetwork: clusterNetwork.map(withHostPrefix),
    clusterNetworks: [],
    machineCIDR: '',
    serviceCIDR: '',
    type: '',
  };
}

const canonicalType = (type: string): string =>
  NETWORK_TYPES.find((known) => known.toLowerCase() === type.toLowerCase()) ?? type;

function withHostPrefix(network: ClusterNetwork): ClusterNetwork {
  const family = findNetworkFamily(network.cidr);
  if (network.hostPrefix !== 0 || network.hostSubnetLength === 0 || family === undefined) return network;
  return {
    ...network,
    hostPrefix: (family === 6 ? 128 : 32) - network.hostSubnetLength,
    hostSubnetLength: 0,
  };
}
