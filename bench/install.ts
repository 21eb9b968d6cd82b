import type { CloneSource } from '#lab/clone/source.ts';
import { installFromSeedImage } from '#lab/install.ts';
import type { Lab } from '#lab/lab.ts';
import { measurePlainInstall } from './plainInstall.ts';
import { row, type Section, seconds } from './section.ts';
import { withSeedImage } from './seedLab.ts';

const ROUNDS = 2;
const STEP_SECONDS = / outcome=ran seconds=([\d.]+)/g;

/** An installation, beside the same work done by hand, in turn. */
export const installSection: Section = {
  name: 'install',
  title: 'installation of a seed image to an empty disk',
  async run({ executables }) {
    await withSeedImage('bench-install', executables, async (lab, source) => {
      let [ours, plain] = [Infinity, Infinity];
      for (let round = 0; round < ROUNDS; round++) {
        ours = Math.min(ours, await measureIbi(lab, source));
        plain = Math.min(plain, await measurePlainInstall(lab, source));
      }
      row('lca-cli ibi', seconds(ours), `${(ours / plain).toFixed(2)} times, bar 1.5`);
      row('skopeo, tar, ostree and ctr, one after the other', seconds(plain), '');
    });
  },
};

/** The steps of the program, without the start of what stands for the live system. */
async function measureIbi(lab: Lab, { products, executables, image, record }: CloneSource): Promise<number> {
  const name = 'measured';
  const disk = `${lab.folder}/disks/${name}.img`;
  const seedVersion = record.identity.releaseVersion;
  await installFromSeedImage(lab, products, {
    ...{ name, disk, seedVersion, executables },
    seedImage: image.pullSpec,
  });
  const log = await lab.host.files.readText(`${lab.folder}/logs/ibi-${name}.log`);
  await lab.host.files.remove(disk);
  return [...log.matchAll(STEP_SECONDS)].reduce((sum, [, step]) => sum + Number(step), 0);
}
