import { findContainerRuntime, stopContainers } from '#system/containers.ts';
import { unmountBelow } from '#system/mounts.ts';
import { systemd } from '#system/systemd.ts';
import type { SeedContext } from './context.ts';

/**
 * Stops the cluster so that nothing writes to /var and /etc any more. kubelet is disabled before /etc is archived:
 * on a clone it must not start before the clone has its own identity. May be repeated.
 */
export async function stopCluster({ host }: SeedContext): Promise<void> {
  await systemd(host).stop('kubelet.service');
  await systemd(host).disable('kubelet.service');
  const runtime = await findContainerRuntime(host);
  if (runtime !== undefined) await stopContainers(host, runtime);
  // Volumes of pods that were killed: their secrets live in memory and are nobody's business.
  await unmountBelow(host, [
    '/var/lib/kubelet/pods',
    '/run/netns',
    '/run/containerd/io.containerd.grpc.v1.cri',
  ]);
}
