import { findNetworkFamily } from '#api/addresses.ts';
import type { InstallConfig, Networking } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { cidrProblems, overlaps, prefixLength } from './cidrRules.ts';
import { clusterNetworkProblems } from './clusterNetworkRules.ts';
import { invalid, required } from './fieldErrors.ts';
import { ipFamilyProblems } from './ipFamilyRules.ts';

/** The rules for `networking` alone (spec/installer/03.5, rows 9 to 14). The config must be defaulted. */
export function networkingProblems(config: InstallConfig): Problem[] {
  const { networking } = config;
  if (networking === undefined) return [required('networking', 'networking is required')];
  return [
    ...typeProblems(networking.networkType),
    ...machineNetworkProblems(networking),
    ...serviceNetworkProblems(networking),
    ...clusterNetworkProblems(networking),
    ...ipFamilyProblems(config, networking),
  ];
}

export function mtuProblems({ networking, platform }: InstallConfig): Problem[] {
  const mtu = networking?.clusterNetworkMTU ?? 0;
  if (mtu === 0 || platform.aws !== undefined) return [];
  const detail = 'cluster network MTU is allowed only in AWS deployments';
  return [invalid('networking.clusterNetworkMTU', mtu, detail)];
}

function typeProblems(networkType: string): Problem[] {
  const path = 'networking.networkType';
  if (networkType === '') return [required(path, 'network provider type required')];
  if (networkType.toLowerCase() === 'kuryr') {
    return [invalid(path, networkType, 'networkType Kuryr is not supported on OpenShift later than 4.14')];
  }
  if (networkType.toLowerCase() === 'openshiftsdn') {
    return [
      invalid(path, networkType, 'networkType OpenShiftSDN is not supported, please use OVNKubernetes'),
    ];
  }
  return [];
}

function machineNetworkProblems(networking: Networking): Problem[] {
  const cidrs = networking.machineNetwork.map(({ cidr }) => cidr);
  if (cidrs.length === 0)
    return [required('networking.machineNetwork', 'at least one machine network is required')];
  return cidrs.flatMap((cidr, i) => {
    const path = `networking.machineNetwork[${i}]`;
    return [
      ...cidrProblems(path, cidr, networking),
      ...overlaps(cidr, cidrs.slice(0, i)).map((j) =>
        invalid(path, cidr, `machine network must not overlap with machine network ${j}`),
      ),
    ];
  });
}

function serviceNetworkProblems(networking: Networking): Problem[] {
  const { serviceNetwork } = networking;
  if (serviceNetwork.length === 0)
    return [required('networking.serviceNetwork', 'a service network is required')];
  const machines = networking.machineNetwork.map(({ cidr }) => cidr);
  return serviceNetwork.flatMap((cidr, i) => {
    const path = `networking.serviceNetwork[${i}]`;
    return [
      ...cidrProblems(path, cidr, networking),
      ...serviceSizeProblems(path, cidr),
      ...overlaps(cidr, machines).map(() =>
        invalid(path, cidr, 'service network must not overlap with any of the machine networks'),
      ),
      ...overlaps(cidr, serviceNetwork.slice(0, i)).map((j) =>
        invalid(path, cidr, `service network must not overlap with service network ${j}`),
      ),
    ];
  });
}

function serviceSizeProblems(path: string, cidr: string): Problem[] {
  const family = findNetworkFamily(cidr);
  const length = prefixLength(cidr);
  if (family === 4 && length < 12) {
    return [
      invalid(path, cidr, 'subnet size for IPv4 service network must be /12 or greater (/16 is recommended)'),
    ];
  }
  if (family === 6 && length < 108) {
    return [invalid(path, cidr, 'subnet size for IPv6 service network should be /112')];
  }
  return [];
}
