import { buildLab } from '#lab/build/all.ts';
import { type CloneSource, makeSource } from '#lab/clone/source.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { upSeed } from '#lab/seed.ts';
import { tearDown } from '#lab/tearDown.ts';
import { Timeline, type TimelineObserver } from '#lab/timeline.ts';
import { localHost } from '#system/localHost.ts';

/** For flows of which only the whole is measured. */
export const SILENT: TimelineObserver = { onStart: () => {}, onEnd: () => {} };

/** A lab of its own with a seed whose image is made; taken down again, whatever happens. */
export async function withSeedImage(
  name: string,
  executables: string,
  work: (lab: Lab, source: CloneSource) => Promise<void>,
): Promise<void> {
  const lab = openLab(localHost, { name });
  const timeline = new Timeline(SILENT);
  try {
    const products = await buildLab();
    await upSeed(lab, products, timeline);
    await work(lab, await makeSource(lab, { products, executables }, timeline));
  } finally {
    await tearDown(lab);
  }
}
