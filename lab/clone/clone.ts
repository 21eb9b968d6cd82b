import type { WantedIdentity } from '../comparison/rows.ts';
import type { Lab } from '../lab.ts';
import type { Timeline } from '../timeline.ts';
import { cloneFleet } from './fleet.ts';
import type { CloneOutcome } from './member.ts';
import { makeSource, type SourceInput } from './source.ts';

export interface CloneInput extends SourceInput {
  readonly wanted: WantedIdentity;
}

/**
 * The main job: from the running seed to a second cluster. Both are up afterwards. Everything between the seed and the
 * target disk goes through the registry: the seed is off, and its disk detached, while the target is installed.
 */
export async function cloneSeed(lab: Lab, input: CloneInput, timeline: Timeline): Promise<CloneOutcome> {
  const source = await makeSource(lab, input, timeline);
  const [end] = await cloneFleet(lab, source, [{ wanted: input.wanted, timeline }], { timeline });
  if (end?.outcome === undefined) throw end?.error;
  return end.outcome;
}
