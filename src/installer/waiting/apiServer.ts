import { Failure } from '#base/failure.ts';
import { debug, info } from '#base/logger.ts';
import { deadlineIn, pollUntil } from './clock.ts';
import type { Waiting } from './watchedCluster.ts';

const MINUTES = 20;
const PAUSE = 2000;
/** What stays the same is told again now and then. */
const TOLD_AGAIN = 15;

/** Waits until the API server answers (spec/installer/07.3). @throws Failure installer/api-absent */
export async function waitForApi({ cluster, clock, logger }: Waiting): Promise<void> {
  const deadline = deadlineIn(clock, MINUTES);
  info(logger, `Waiting ${deadline.text} for the Kubernetes API at ${cluster.url}...`);
  let last = '';
  let quiet = 0;
  const version = await pollUntil(clock, { pause: PAUSE, deadline }, async () => {
    try {
      return await cluster.version();
    } catch (error) {
      const why = error instanceof Error ? error.message || String(error) : String(error);
      quiet = reasonOf(why) === reasonOf(last) ? quiet + 1 : 0;
      if (quiet % TOLD_AGAIN === 0) debug(logger, `Still waiting for the Kubernetes API: ${why}`);
      last = why;
      return undefined;
    }
  });
  if (version === undefined) throw new Failure({ code: 'installer/api-absent', message: last });
  info(logger, `API ${version} up`);
}

/** What comes before, such as an address, changes at every attempt. */
const reasonOf = (error: string): string => error.slice(error.lastIndexOf(':') + 1);
