import { randomBytes } from 'node:crypto';
import type { InstallConfig, MachinePool, Networking } from '#api/installConfig.ts';
import type { Random } from '../random.ts';
import { withBareMetalDefaults } from './bareMetalDefaults.ts';

const NO_NETWORKING: Networking = {
  networkType: '',
  machineNetwork: [],
  clusterNetwork: [],
  serviceNetwork: [],
  clusterNetworkMTU: 0,
  type: '',
  machineCIDR: '',
  serviceCIDR: '',
  clusterNetworks: [],
};

const NO_POOL: MachinePool = { name: '', hyperthreading: '', architecture: '' };

/**
 * Fills in what upstream fills in where the user says nothing (spec/installer/03.4). The config must be converted to v1.
 * The MAC addresses of the bootstrap machine are random on every call, as upstream's are.
 */
export function applyDefaults(config: InstallConfig, random: Random = randomBytes): InstallConfig {
  const networking = withNetworkDefaults(config.networking ?? NO_NETWORKING);
  const { baremetal } = config.platform;
  const machines = networking.machineNetwork.map(({ cidr }) => cidr);
  const pools = config.compute.map((pool) => withPoolDefaults(pool, pool.name, pool.name === 'edge' ? 0 : 3));
  const hasWorkers = pools.some(({ name }) => name === 'worker');
  return {
    ...config,
    networking,
    publish: config.publish === '' ? 'External' : config.publish,
    controlPlane: withPoolDefaults(config.controlPlane ?? NO_POOL, 'master', 3),
    ...(config.arbiter && { arbiter: withPoolDefaults(config.arbiter, 'arbiter', 0) }),
    compute: hasWorkers ? pools : [...pools, withPoolDefaults(NO_POOL, 'worker', 3)],
    platform: {
      ...config.platform,
      ...(baremetal && { baremetal: withBareMetalDefaults(baremetal, machines, random) }),
    },
    additionalTrustBundlePolicy:
      config.additionalTrustBundlePolicy === '' ? 'Proxyonly' : config.additionalTrustBundlePolicy,
  };
}

function withNetworkDefaults(networking: Networking): Networking {
  return {
    ...networking,
    networkType: networking.networkType === '' ? 'OVNKubernetes' : networking.networkType,
    machineNetwork: orDefault(networking.machineNetwork, [{ cidr: '10.0.0.0/16' }]),
    serviceNetwork: orDefault(networking.serviceNetwork, ['172.30.0.0/16']),
    clusterNetwork: orDefault(networking.clusterNetwork, [
      { cidr: '10.128.0.0/14', hostPrefix: 23, hostSubnetLength: 0 },
    ]),
  };
}

const orDefault = <T>(list: readonly T[], otherwise: readonly T[]): readonly T[] =>
  list.length > 0 ? list : otherwise;

const withPoolDefaults = (pool: MachinePool, name: string, replicas: number): MachinePool => ({
  ...pool,
  name,
  replicas: pool.replicas ?? replicas,
  hyperthreading: pool.hyperthreading === '' ? 'Enabled' : pool.hyperthreading,
  architecture: pool.architecture === '' ? 'amd64' : pool.architecture,
});
