import type { Machine } from '#machines/driver.ts';
import type { Lab } from '../lab.ts';
import { networkHost } from '../networkHost.ts';
import { Kubectl } from '../seedCluster/kubectl.ts';
import { waitUntilReady } from '../seedCluster/readiness.ts';
import { showsValues, type UserWorkload, workloadUrl } from '../seedCluster/workload.ts';

const PATIENCE_SECONDS = 300;
const ANY_CODE = Array.from({ length: 100 }, (_, code) => code);

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
    timeoutSeconds: PATIENCE_SECONDS,
    ask: () =>
      kubectl.ask(['get', 'nodes', `--output=${names}`], (nodes) => nodes.trim() === `${hostname}=True`),
  });
  const url = workloadUrl(nodeIp, workload);
  await waitUntilReady({
    name: `${url} shows the values of the user's Secret and ConfigMap`,
    timeoutSeconds: PATIENCE_SECONDS,
    ask: async () => {
      const argv = ['curl', '--silent', '--show-error', '--fail', '--max-time', '2', url];
      const { code, stdout, stderr } = await networkHost(lab).run(argv, { okCodes: ANY_CODE });
      if (code === 0 && showsValues(stdout, workload)) return undefined;
      return code === 0 ? 'a page without these values' : stderr.trim();
    },
  });
}
