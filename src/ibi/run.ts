import { info, warn } from '#base/logger.ts';
import { runSteps } from '#base/step.ts';
import type { IbiContext } from './context.ts';
import { named } from './failures.ts';
import { Installation } from './installation.ts';
import { releaseDisk } from './prepareDisk.ts';
import { openResultLog } from './resultLog.ts';
import { installationSteps } from './steps.ts';

/**
 * `lca-cli ibi`: installs a seed image to an empty disk. All that can be known is checked before the disk is touched;
 * the code that makes the disk bootable is written last, so that a half-written disk never starts. What an interrupted
 * run of the same installation has finished is not done again.
 */
export async function runIbi(context: IbiContext): Promise<void> {
  const log = openResultLog(context);
  const installation = new Installation(context, log);
  try {
    await runSteps(installationSteps(installation), { observer: log.observer, clock: context.clock });
    await release(installation);
  } catch (error) {
    await release(installation).catch((second: Error) => warn(context.logger, `clean-up: ${second.message}`));
    const failure = named(error);
    await log.end(failure);
    throw failure;
  }
  info(context.logger, `installed ${installation.checked.source.pinned}; the disk is ready to boot`);
  await log.end();
  if (context.config.shutdown) await context.host.run(['shutdown', 'now']);
}

async function release({ context, precaching, prepared }: Installation): Promise<void> {
  await precaching.cancel();
  if (prepared !== undefined) await releaseDisk(context, prepared);
}
