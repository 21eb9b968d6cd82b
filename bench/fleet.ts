import { Failure } from '#base/failure.ts';
import { checkCapacity } from '#lab/clone/capacity.ts';
import { cloneFleet, type MemberEnd } from '#lab/clone/fleet.ts';
import type { CloneSource } from '#lab/clone/source.ts';
import type { Lab } from '#lab/lab.ts';
import { Timeline } from '#lab/timeline.ts';
import { wantedFleet } from '#lab/wantedClone.ts';
import { row, type Section, seconds } from './section.ts';
import { SILENT, withSeedImage } from './seedLab.ts';

const SIZES = [1, 2, 4, 8];

/** Clones that are made at the same time from one seed image, until each is compared; then they go. */
export const fleetSection: Section = {
  name: 'fleet',
  title: 'clones at the same time, from one seed image until the last is compared',
  async run({ executables }) {
    await withSeedImage('bench-fleet', executables, async (lab, source) => {
      let alone: number | undefined;
      for (const size of SIZES) {
        const what = size === 1 ? '1 clone' : `${size} clones`;
        const tooMany = await reasonAgainst(lab, size);
        if (tooMany !== undefined) {
          row(what, '-', tooMany);
          continue;
        }
        const { whole, ends } = await measureFleet(lab, source, size);
        alone ??= whole;
        const slowest = Math.max(...ends.map(({ outcome }) => outcome?.configurationSeconds ?? Number.NaN));
        const share = `${seconds(whole / size)} each, one after the other ${seconds(alone * size)}`;
        row(what, seconds(whole), `${share}; slowest ISO to API ${seconds(slowest)}`);
      }
    });
  },
};

/** Why this machine can't hold so many clones. */
async function reasonAgainst(lab: Lab, size: number): Promise<string | undefined> {
  try {
    await checkCapacity(lab, size, 'nspawn');
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

async function measureFleet(
  lab: Lab,
  source: CloneSource,
  size: number,
): Promise<{ readonly whole: number; readonly ends: readonly MemberEnd[] }> {
  const timeline = new Timeline(SILENT);
  const members = wantedFleet({ name: `of${size}` }, size, [source.record.identity.nodeIp]).map((wanted) => ({
    wanted,
    timeline: new Timeline(SILENT),
  }));
  const ends = await cloneFleet(lab, source, members, { timeline, remove: true });
  const whole = timeline.elapsed();
  for (const { wanted, outcome, error } of ends) {
    if (outcome === undefined) throw error;
    const bad = outcome.rows.filter(({ ok }) => !ok);
    if (bad.length > 0) throw new Error(`${wanted.clusterName}: ${bad.map(({ what }) => what).join(', ')}`);
  }
  return { whole, ends };
}
