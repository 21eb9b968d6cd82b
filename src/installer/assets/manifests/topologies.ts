import type { InstallConfig, MachinePool } from '#api/installConfig.ts';

type Topology = 'SingleReplica' | 'DualReplica' | 'HighlyAvailableArbiter' | 'HighlyAvailable';

/** How many machines of a pool there are to be; upstream's default where an unfinished config does not say. */
const replicasOf = (pool: MachinePool | undefined, otherwise: number): number => pool?.replicas ?? otherwise;

/** How many machines run workloads only. */
export const workerCount = ({ compute }: InstallConfig): number =>
  compute.reduce((sum, pool) => sum + replicasOf(pool, 0), 0);

/** How the control plane survives the loss of a machine (spec/installer/05.4). */
export function controlPlaneTopology({ controlPlane, arbiter }: InstallConfig): Topology {
  const replicas = replicasOf(controlPlane, 3);
  if (replicas === 2) return replicasOf(arbiter, 0) > 0 ? 'HighlyAvailableArbiter' : 'DualReplica';
  return replicas < 2 ? 'SingleReplica' : 'HighlyAvailable';
}

/** The same for what runs on the workers; without workers it runs on the control plane. */
export function infrastructureTopology(config: InstallConfig): Topology {
  const workers = workerCount(config);
  if (workers > 0) return workers === 1 ? 'SingleReplica' : 'HighlyAvailable';
  // Two machines are enough for two replicas of a workload, whatever etcd needs beside them.
  return replicasOf(config.controlPlane, 3) === 2 ? 'HighlyAvailable' : controlPlaneTopology(config);
}
