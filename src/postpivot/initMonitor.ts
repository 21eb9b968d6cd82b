import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { ROLLBACK_CONFIG } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';

/**
 * The watchdog of upgrades. An installation has no rollback configuration, and then there is nothing to watch
 * (lifecycle-agent 13). Failure `postpivot/rollback-unsupported` where an upgrade left one: this program does not
 * upgrade, so it can't roll back either.
 */
export async function runInitMonitor(world: Pick<PostPivotWorld, 'host' | 'logger'>): Promise<void> {
  if (!(await world.host.files.exists(ROLLBACK_CONFIG))) {
    info(world.logger, `no ${ROLLBACK_CONFIG}: nothing to watch`);
    return;
  }
  throw new Failure({
    code: 'postpivot/rollback-unsupported',
    message: `${ROLLBACK_CONFIG} is there, but rolling back an upgrade is not part of this program`,
    hint: 'let the lca-cli of the lifecycle-agent that made the upgrade watch it',
  });
}
