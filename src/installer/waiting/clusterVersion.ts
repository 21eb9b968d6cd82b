import { Failure } from '#base/failure.ts';
import { debug, info } from '#base/logger.ts';
import { deadlineIn, pollUntil, TIMED_OUT } from './clock.ts';
import { findCondition } from './conditions.ts';
import { lookAt, type Waiting } from './watchedCluster.ts';

const KIND = { apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion' };
const NAME = { name: 'version' };
const PAUSE = 2000;

/** Whether the release is installed, and what is said of it if not. */
export interface Initialization {
  readonly isDone: boolean;
  readonly message: string;
}

/** What a ClusterVersion says of the installation. */
export function initializationOf(clusterVersion: object): Initialization {
  const [available, failing, progressing] = ['Available', 'Failing', 'Progressing'].map((type) =>
    findCondition(clusterVersion, type),
  );
  const isDone =
    available?.status === 'True' && failing?.status === 'False' && progressing?.status === 'False';
  const telling = [failing, progressing].find((condition) => condition?.status === 'True');
  return { isDone, message: isDone ? '' : (telling?.message ?? '') };
}

/** Waits until all components of the release are there (spec/installer/07.4). @throws Failure installer/not-initialized */
export async function waitForInitialization(waiting: Waiting, isBareMetal: boolean): Promise<void> {
  const { cluster, clock, logger } = waiting;
  const deadline = deadlineIn(clock, isBareMetal ? 60 : 40);
  info(logger, `Waiting ${deadline.text} for the cluster at ${cluster.url} to initialize...`);
  let last = '';
  const isDone = await pollUntil(clock, { pause: PAUSE, deadline }, async () => {
    const found = await lookAt(cluster, KIND, NAME);
    const { isDone, message } =
      'object' in found ? initializationOf(found.object) : { isDone: false, message: found.why };
    if (message !== '' && message !== last) {
      debug(logger, `Still waiting for the cluster to initialize: ${message}`);
      last = message;
    }
    return isDone || undefined;
  });
  if (isDone === true) return;
  const reason = [last, TIMED_OUT].filter((text) => text !== '').join(': ');
  throw new Failure({
    code: 'installer/not-initialized',
    message: `failed to initialize the cluster: ${reason}`,
  });
}
