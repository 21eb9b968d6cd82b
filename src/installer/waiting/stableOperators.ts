import { Failure } from '#base/failure.ts';
import { debug, info } from '#base/logger.ts';
import { deadlineIn, pollUntil } from './clock.ts';
import { listOperators, unstableOperators } from './clusterOperators.ts';
import type { Waiting } from './watchedCluster.ts';

const MINUTES = 30;
const PAUSE = 1000;

/** Some operators do not come to rest; the exit code of the program depends on it. */
export const OPERATORS_UNSTABLE = 'installer/operators-unstable';

/** Waits until no operator changes anything any more (spec/installer/07.4). @throws Failure installer/operators-unstable */
export async function waitForStableOperators({ cluster, clock, logger }: Waiting): Promise<void> {
  const deadline = deadlineIn(clock, MINUTES);
  info(logger, `Waiting ${deadline.text} to ensure each cluster operator has finished progressing...`);
  let unstable: readonly string[] = [];
  const isStable = await pollUntil(clock, { pause: PAUSE, deadline }, async () => {
    try {
      unstable = unstableOperators(await listOperators(cluster), clock.now());
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause;
      debug(logger, `Could not list cluster operators: ${cause.message}`);
      return undefined;
    }
    return unstable.length === 0 || undefined;
  });
  if (isStable === undefined) {
    throw new Failure({
      code: OPERATORS_UNSTABLE,
      message: `These cluster operators were not stable: [${unstable.join(', ')}]`,
      hint: 'the cluster can be used; look at these operators with "oc describe clusteroperator"',
    });
  }
  info(logger, 'All cluster operators have completed progressing');
}
