import type { Machine } from '#machines/driver.ts';
import { findContainerRuntime, stopContainers } from '#system/containers.ts';
import { systemd } from '#system/systemd.ts';

/** Ends the pods of a machine in order, so that its power-off does not wait for them (spec/lab-chain, pitfall 7). */
export async function stopPods({ host }: Machine): Promise<void> {
  await systemd(host).stop('kubelet.service');
  const runtime = await findContainerRuntime(host);
  if (runtime !== undefined) await stopContainers(host, runtime);
}
