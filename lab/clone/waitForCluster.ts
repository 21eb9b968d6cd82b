import type { Machine } from '#machines/driver.ts';
import type { Lab } from '../lab.ts';
import { networkHost } from '../networkHost.ts';
import { Kubectl } from '../seedCluster/kubectl.ts';
import { waitUntilReady } from '../seedCluster/readiness.ts';
import type { UserWorkload } from '../seedCluster/workload.ts';
import { workloadAnswers } from '../seedCluster/workloadAnswers.ts';

const PATIENCE_SECONDS = 300;

/** Waits until the one node is Ready under its name and the user's workload answers from outside with its own values. */
export async function waitForCluster(
  lab: Lab,
  machine: Machine,
  cluster: { readonly hostname: string; readonly nodeIp: string; readonly workload: UserWorkload },
): Promise<void> {
  const { hostname, nodeIp, workload } = cluster;
  const kubectl = new Kubectl(machine.host);
  const names =
    'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
  await waitUntilReady({
    name: `${hostname} is the one node and is Ready`,
    timeoutSeconds: PATIENCE_SECONDS * machine.slowness,
    everySeconds: 0.5 * machine.slowness, // kubectl itself takes long where it is emulated
    ask: () =>
      kubectl.ask(['get', 'nodes', `--output=${names}`], (nodes) => nodes.trim() === `${hostname}=True`),
  });
  await workloadAnswers(networkHost(lab), nodeIp, workload);
}
