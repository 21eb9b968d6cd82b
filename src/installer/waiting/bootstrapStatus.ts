import { Failure } from '#base/failure.ts';
import { debug, info } from '#base/logger.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import { areProvisioned, findControlPlaneHosts, HostReport } from './bareMetalHosts.ts';
import { type Deadline, deadlineIn, pollUntil, TIMED_OUT } from './clock.ts';
import { lookAt, type Waiting } from './watchedCluster.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const NAME = { namespace: 'kube-system', name: 'bootstrap' };
const PAUSE = 2000;

/** What is known of the installation besides its kubeconfig. */
export interface BootstrapKnowledge {
  readonly isBareMetal: boolean;
  /** Keeps what is known of the hosts, for those who look for the reasons of a failure. */
  readonly keepHosts: (hosts: readonly KubernetesObject[]) => Promise<void>;
}

/** Waits until the bootstrap machine says that it is done (spec/installer/07.1, 07.3). @throws Failure */
export async function waitForBootstrapStatus(waiting: Waiting, known: BootstrapKnowledge): Promise<void> {
  const { clock, logger } = waiting;
  // Real machines take long to start.
  const deadline = deadlineIn(clock, known.isBareMetal ? 60 : 45);
  info(logger, `Waiting ${deadline.text} for bootstrapping to complete...`);
  const look = statusReader(waiting);
  if (known.isBareMetal) await waitForHosts(waiting, { deadline, known, isOver: look });
  const isComplete = await pollUntil(
    clock,
    { pause: PAUSE, deadline },
    async () => (await look()) || undefined,
  );
  if (isComplete === undefined) {
    throw new Failure({ code: 'installer/bootstrap-incomplete', message: TIMED_OUT });
  }
}

/** True when bootstrapping is complete; tells what has changed. */
function statusReader({ cluster, logger }: Waiting): () => Promise<boolean> {
  let told = '';
  return async () => {
    const found = await lookAt(cluster, CONFIG_MAP, NAME);
    const said = 'object' in found ? describeStatus(found.object) : found.why;
    if (said !== told) debug(logger, said);
    told = said;
    return said === COMPLETE;
  };
}

const describe = (status: string): string => `Bootstrap status: ${status}`;
const COMPLETE = describe('complete');

/** What the ConfigMap says. */
export function describeStatus(configMap: object): string {
  const { data } = configMap as { readonly data?: Readonly<Record<string, string>> };
  const status = data?.['status'];
  return status === undefined ? 'No status found in bootstrap configmap' : describe(status);
}

interface HostWait {
  readonly deadline: Deadline;
  readonly known: BootstrapKnowledge;
  /** Bootstrapping can't be complete without the hosts. */
  readonly isOver: () => Promise<boolean>;
}

async function waitForHosts({ cluster, clock, logger }: Waiting, { deadline, known, isOver }: HostWait) {
  info(logger, '  Waiting for baremetal control plane to provision...');
  const report = new HostReport(logger);
  let kept = '';
  const isDone = await pollUntil(clock, { pause: PAUSE, deadline }, async () => {
    const hosts = await findControlPlaneHosts(cluster);
    report.tell(hosts);
    const found = JSON.stringify(hosts);
    if (hosts.length > 0 && found !== kept) await known.keepHosts(hosts);
    kept = found;
    return areProvisioned(hosts) || (await isOver()) || undefined;
  });
  if (isDone === true) info(logger, '  Baremetal control plane finished provisioning.');
}
