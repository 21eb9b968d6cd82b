import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.ts';
import { systemd } from './systemd.ts';

/** Where the containers run: this host, or one of the lab's machines. */
type Runner = Pick<Host, 'run'>;

export type ContainerRuntime = 'crio' | 'containerd';

/** Which runtime the node's kubelet has, by the service that runs; `undefined` when none does. */
export async function findContainerRuntime(host: Runner): Promise<ContainerRuntime | undefined> {
  for (const runtime of ['crio', 'containerd'] as const) {
    if (await systemd(host).isActive(`${runtime}.service`)) return runtime;
  }
  return undefined;
}

/** Seconds that a container has to end by itself; etcd gets more, because its data is what the seed is made of. */
const GRACE = { others: 5, etcd: 30 };

/**
 * Stops every container in an order that loses no data: all but etcd, then etcd (so that whatever the API server
 * still writes arrives), then the pod sandboxes, then the runtime. kubelet must be stopped before.
 */
export async function stopContainers(host: Runner, runtime: ContainerRuntime): Promise<void> {
  if (runtime === 'crio') await stopByCrictl(host);
  else await stopByCtr(host);
  await systemd(host).stop(`${runtime}.service`);
}

async function stopByCrictl(host: Runner): Promise<void> {
  const { stdout } = await host.run(['crictl', 'ps', '-o', 'json']);
  const { containers = [] } = JSON.parse(stdout) as {
    containers?: { id: string; metadata?: { name?: string } }[];
  };
  const stop = async (ids: readonly string[], seconds: number): Promise<void> => {
    const argv = (id: string) => ['crictl', 'stop', '--timeout', String(seconds), id];
    await Promise.all(ids.map((id) => host.run(argv(id), { okCodes: [0, 1] }))); // 1: it has ended meanwhile
  };
  const isEtcd = (c: { metadata?: { name?: string } }): boolean => c.metadata?.name === 'etcd';
  await stop(
    containers.filter((c) => !isEtcd(c)).map((c) => c.id),
    GRACE.others,
  );
  await stop(
    containers.filter(isEtcd).map((c) => c.id),
    GRACE.etcd,
  );
  const pods = lines((await host.run(['crictl', 'pods', '--quiet'])).stdout);
  // Left to CRI-O, orphan sandboxes cost a minute each at its next start (upstream #7293).
  if (pods.length > 0) await host.run(['crictl', 'rmp', '--force', ...pods], { okCodes: [0, 1] });
}

/** containerd's CRI plugin keeps the containers in memory too, so it must be stopped afterwards, as the caller does. */
async function stopByCtr(host: Runner): Promise<void> {
  const ctr = (...args: string[]) => host.run(['ctr', '--namespace=k8s.io', ...args], { okCodes: [0, 1] });
  const names = new Map<string, string>();
  for (const id of await runningTasks(host)) names.set(id, await containerName(host, id));
  const ids = [...names.keys()];
  const isOther = (id: string): boolean => !['', 'etcd'].includes(names.get(id)!);
  await endTasks(host, ids.filter(isOther), GRACE.others);
  await endTasks(
    host,
    ids.filter((id) => names.get(id) === 'etcd'),
    GRACE.etcd,
  );
  await endTasks(
    host,
    ids.filter((id) => names.get(id) === ''),
    0,
  ); // sandboxes: nothing runs in them any more
  for (const id of lines((await ctr('tasks', 'ls', '--quiet')).stdout))
    await ctr('tasks', 'delete', '--force', id);
  for (const id of lines((await ctr('containers', 'ls', '--quiet')).stdout))
    await ctr('containers', 'rm', id);
}

async function endTasks(host: Runner, ids: readonly string[], graceSeconds: number): Promise<void> {
  const kill = (id: string, signal: string) =>
    host.run(['ctr', '--namespace=k8s.io', 'tasks', 'kill', '--signal', signal, id], { okCodes: [0, 1] });
  if (ids.length === 0) return;
  if (graceSeconds > 0) await Promise.all(ids.map((id) => kill(id, 'SIGTERM')));
  let left: readonly string[] = ids;
  for (const deadline = performance.now() + graceSeconds * 1000; performance.now() < deadline; ) {
    left = (await runningTasks(host)).filter((id) => ids.includes(id));
    if (left.length === 0) return;
    await sleep(100);
  }
  await Promise.all(left.map((id) => kill(id, 'SIGKILL')));
}

/** `TASK PID STATUS` lines under a heading. */
async function runningTasks(host: Runner): Promise<string[]> {
  const { stdout } = await host.run(['ctr', '--namespace=k8s.io', 'tasks', 'ls']);
  return lines(stdout).flatMap((line) => {
    const [id, , status] = line.split(/\s+/);
    return id !== undefined && status === 'RUNNING' ? [id] : [];
  });
}

/** The name in the pod; empty for a pod's sandbox and for containers that Kubernetes did not make. */
async function containerName(host: Runner, id: string): Promise<string> {
  const result = await host.run(['ctr', '--namespace=k8s.io', 'containers', 'info', id], { okCodes: [0, 1] });
  if (result.code !== 0) return '';
  const info = JSON.parse(result.stdout) as { Labels?: Record<string, string> };
  return info.Labels?.['io.kubernetes.container.name'] ?? '';
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
