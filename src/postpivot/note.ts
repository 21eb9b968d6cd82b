import { info } from '#base/logger.ts';
import type { PostPivotWorld } from './postPivot.ts';

/** Something this host does not have, and what was left out for it. A person who wonders finds it in the log. */
export const note = (world: Pick<PostPivotWorld, 'logger'>, message: string): void =>
  info(world.logger, `note: ${message}`);
