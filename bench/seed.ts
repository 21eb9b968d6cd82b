import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SEED_MEMBERS } from '#api/seedImage.ts';
import { buildLab } from '#lab/build/all.ts';
import { buildSeedImage } from '#seed/image.ts';
import { putMembers } from '#seed/testing.ts';
import { verifySeedImage } from '#seed/verifyImage.ts';
import { type ArchiveCompression, writeArchive } from '#system/archives.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';
import { row, type Section, seconds } from './section.ts';

const ROUNDS = 3;
const BAR = 1.3;

/** Member of the image -> folder that stands for what it holds on a seed. */
type Trees = Readonly<Record<string, string>>;

/** From files on disk to an image that is verified and ready for the push, and what anybody would do by hand instead. */
export const seedSection: Section = {
  name: 'seed',
  title: `the image of a seed, the least of ${ROUNDS} runs`,
  async run() {
    const { osRepo, kubernetesBin } = await buildLab();
    const trees = {
      [SEED_MEMBERS.ostree]: osRepo,
      [SEED_MEMBERS.var]: kubernetesBin,
      [SEED_MEMBERS.etc]: '/etc',
    };
    const ways = {
      plain: (work: string) => packPlainly(trees, work),
      gzip: (work: string) => makeImage(trees, work, 'gzip'),
      zstd: (work: string) => makeImage(trees, work, 'zstd'),
    };
    const { plain, gzip, zstd } = await leastOf(ways);
    row('tar | gzip of the three trees, side by side', seconds(plain.seconds), size(plain));
    for (const [name, result] of [['gzip', gzip] as const, ['zstd', zstd] as const]) {
      const ratio = `${(result.seconds / plain.seconds).toFixed(2)} times that`;
      row(
        `archives, image and its verification, ${name}`,
        seconds(result.seconds),
        `${ratio}, bar ${BAR}; ${size(result)}`,
      );
    }
  },
};

interface Result {
  readonly seconds: number;
  /** Of the three archives. */
  readonly bytes: number;
}

const size = ({ bytes }: Result): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** The ways take turns, so that what else the machine does meets all of them alike. */
async function leastOf<K extends string>(
  ways: Readonly<Record<K, (work: string) => Promise<void>>>,
): Promise<Record<K, Result>> {
  const least: Partial<Record<K, Result>> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(ways) as K[]) {
      const result = await measure(ways[name]);
      if (result.seconds < (least[name]?.seconds ?? Number.POSITIVE_INFINITY)) least[name] = result;
    }
  }
  return least as Record<K, Result>;
}

async function measure(way: (work: string) => Promise<void>): Promise<Result> {
  const work = mkdtempSync('/var/tmp/sower-bench-seed-');
  try {
    const started = performance.now();
    await way(work);
    const archives = [SEED_MEMBERS.ostree, SEED_MEMBERS.var, SEED_MEMBERS.etc];
    const bytes = archives.reduce((sum, name) => sum + statSync(join(work, name)).size, 0);
    return { seconds: (performance.now() - started) / 1000, bytes };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function packPlainly(trees: Trees, work: string): Promise<void> {
  await Promise.all(Object.entries(trees).map(([name, folder]) => packOne(folder, join(work, name))));
}

async function packOne(folder: string, target: string): Promise<void> {
  const file = openSync(target, 'w');
  const tar = spawn('tar', ['--create', '--file=-', `--directory=${folder}`, '.'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gzip = spawn('gzip', ['--stdout'], { stdio: [tar.stdout, file, 'inherit'] });
  const [code] = await once(gzip, 'close');
  closeSync(file);
  if (code !== 0) throw new Error(`gzip ended with ${code}`);
}

/** As `create` does it: the repository beside the two others. */
async function makeImage(trees: Trees, work: string, compression: ArchiveCompression): Promise<void> {
  await putMembers(localHost, work);
  const archive = async (name: string): Promise<void> => {
    const target = join(work, name);
    await writeArchive(localHost, { directory: trees[name]!, arguments: ['.'], target, compression });
  };
  const inTurn = async (): Promise<void> => {
    await archive(SEED_MEMBERS.var);
    await archive(SEED_MEMBERS.etc);
  };
  await Promise.all([archive(SEED_MEMBERS.ostree), inTurn()]);
  const layout = join(work, 'layout');
  const options = { directory: work, layout, architecture: 'amd64', now: new Date(0) };
  await buildSeedImage(localHost, options);
  await verifySeedImage(localLayout(layout));
}
