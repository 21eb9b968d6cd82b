import type { WantedIdentity } from '../comparison/rows.ts';
import { raiseInotifyLimit } from '../inotifyLimit.ts';
import type { Lab } from '../lab.ts';
import { readLabState } from '../state.ts';
import type { Timeline } from '../timeline.ts';
import { renderCloneLog } from './cloneLog.ts';
import { bringUpMember, type CloneOutcome, installMember, type Member } from './member.ts';
import { removeClone } from './removeClone.ts';
import { type CloneSource, detachSeed, returnSeed } from './source.ts';

export interface FleetOptions {
  /** Has the stages of the seed. */
  readonly timeline: Timeline;
  /** Each clone is taken down as soon as it has been compared: for a fleet that is only measured. */
  readonly remove?: boolean;
  /** Told as each clone ends. */
  readonly onEnd?: (end: MemberEnd) => void;
}

/** How one clone ended. */
export interface MemberEnd {
  readonly wanted: WantedIdentity;
  /** Seconds from the beginning of its timeline. */
  readonly seconds: number;
  readonly outcome?: CloneOutcome;
  /** Why there is no outcome. */
  readonly error?: unknown;
}

/**
 * Makes several clones from one seed image at the same time; one that fails does not stop the others. The seed is off
 * while disks are installed, and back when the last of them has ended. Rejects only where the seed itself fails.
 */
export async function cloneFleet(
  lab: Lab,
  source: CloneSource,
  members: readonly Member[],
  { timeline, remove = false, onEnd }: FleetOptions,
): Promise<MemberEnd[]> {
  const present = (await readLabState(lab))?.machines.length ?? 0;
  await raiseInotifyLimit(lab, present + members.length);
  const seedOff = detachSeed(lab, timeline);
  const installing = members.map((member) => installMember(lab, source, member, seedOff));
  const seedBack = Promise.allSettled(installing).then(async () => {
    await seedOff;
    return returnSeed(lab, source.record, timeline);
  });
  seedBack.catch(() => {}); // told below, also where no clone comes so far that it asks
  const ends = await Promise.all(
    members.map(async (member, index) => {
      const end = await endOf(member, async () => {
        const configuration = await installing[index]!;
        const outcome = await bringUpMember(lab, source, member, { configuration, seedBack });
        if (remove) {
          await member.timeline.stage('clone: down', () => removeClone(lab, member.wanted.clusterName));
        }
        return outcome;
      });
      await keepLog(lab, member, end);
      onEnd?.(end);
      return end;
    }),
  );
  await seedBack;
  return ends;
}

async function endOf({ wanted, timeline }: Member, work: () => Promise<CloneOutcome>): Promise<MemberEnd> {
  try {
    const outcome = await work();
    return { wanted, seconds: timeline.elapsed(), outcome };
  } catch (error) {
    return { wanted, seconds: timeline.elapsed(), error };
  }
}

async function keepLog(lab: Lab, { timeline }: Member, end: MemberEnd): Promise<void> {
  const folder = `${lab.folder}/logs`;
  await lab.host.files.makeDirectory(folder, 0o700);
  const text = renderCloneLog(timeline.stages, end);
  await lab.host.files.write(`${folder}/clone-${end.wanted.clusterName}.log`, text, { mode: 0o600 });
}
