import { afterEach, expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { silentLogger } from '#base/logger.ts';
import { SEED_PATHS, type SeedContext } from '#seed/context.ts';
import { SANITISED_PULL_SECRET } from '#seed/pullSecret.ts';
import { restoreSeed } from '#seed/restore.ts';
import { runCreate } from '#seed/run.ts';
import type { Host } from '#system/host.ts';
import { SimulatedSeed } from './simulatedSeed.ts';

const started: SimulatedSeed[] = [];
afterEach(async () => {
  for (const seed of started.splice(0)) await seed.stop();
});

async function newSeed(): Promise<SimulatedSeed> {
  const seed = await SimulatedSeed.start();
  started.push(seed);
  return seed;
}

const context = (host: Host): SeedContext => ({
  host,
  options: {
    ...{ image: 'r.test/seed:1', authfile: '/var/lib/kubelet/config.json', recertImage: undefined },
    ...{ skipRecertValidation: false, skipCleanup: false, compression: 'gzip' },
  },
  logger: silentLogger,
  now: () => new Date(0),
  clock: () => performance.now() / 1000,
  randomBytes: (size) => Buffer.alloc(size),
  executable: '/program',
  architecture: 'amd64',
});

const AT_A_TIME = 6;
/** Hundreds of runs, on a machine that may be busy. */
const PATIENCE = 600_000;

/** Runs `work` for 1 to `count`. */
async function forEachCount(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** What there is when nothing is killed. */
async function uninterrupted() {
  const seed = await newSeed();
  const process = seed.process();
  const image = await runCreate(context(process));
  expect(seed.violations).toEqual([]);
  return { image, tree: seed.tree(), changes: process.changes };
}

function expectBack(seed: SimulatedSeed, tree: Record<string, string>, at: number): void {
  const { isRunning, isKubeletEnabled, violations } = seed;
  expect({ at, isRunning, isKubeletEnabled, violations, tree: seed.tree() }).toEqual({
    ...{ at, isRunning: true, isKubeletEnabled: true, violations: [], tree },
  });
}

/** What the killed process itself says is heard by nobody. */
async function kill(
  seed: SimulatedSeed,
  at: number,
  work: typeof runCreate | typeof restoreSeed,
): Promise<void> {
  const process = seed.process(at);
  await work(context(process)).catch(() => {});
  expect(process.isKilled).toBe(true);
}

test('what is archived holds no valid key and not the pull secret of the seed, which gets both back', async () => {
  const seed = await newSeed();
  const before = seed.tree();
  await runCreate(context(seed.process()));
  const sanitised = { crypto: 'expired', stored: SANITISED_PULL_SECRET, file: SANITISED_PULL_SECRET };
  expect(seed.archived.map((text) => JSON.parse(text))).toEqual([sanitised, sanitised]);
  const { [SEED_PATHS.executable]: _, ...after } = seed.tree();
  expect(after).toEqual(before);
});

test(
  'create, killed before any change of the host, makes the same image when it is run again',
  async () => {
    const whole = await uninterrupted();
    await forEachCount(whole.changes, async (at) => {
      const seed = await newSeed();
      await kill(seed, at, runCreate);
      const image = await runCreate(context(seed.process())).catch(
        (error: Error) => `${at}: ${error.message}`,
      );
      expect(`${at}: ${image}`).toBe(`${at}: ${whole.image}`);
      expectBack(seed, whole.tree, at);
    });
  },
  PATIENCE,
);

test(
  'the cluster comes back whichever change of the host fails',
  async () => {
    const whole = await uninterrupted();
    await forEachCount(whole.changes, async (at) => {
      const seed = await newSeed();
      const error = await runCreate(context(seed.process(at, 'fails'))).catch((thrown: Error) => thrown);
      const isIncomplete = error instanceof Failure && error.code === 'seed/restoration-incomplete';
      if (isIncomplete) await restoreSeed(context(seed.process()));
      await seed.memory.files.write(SEED_PATHS.executable, whole.tree[SEED_PATHS.executable] ?? '');
      expectBack(seed, whole.tree, at);
    });
  },
  PATIENCE,
);

test(
  'restore brings the cluster back wherever create was killed',
  async () => {
    const whole = await uninterrupted();
    await forEachCount(whole.changes, async (at) => {
      const seed = await newSeed();
      await kill(seed, at, runCreate);
      await restoreSeed(context(seed.process()));
      // The executable is copied to the host early on, and stays there as in the original.
      await seed.memory.files.write(SEED_PATHS.executable, whole.tree[SEED_PATHS.executable] ?? '');
      expectBack(seed, whole.tree, at);
    });
  },
  PATIENCE,
);

test(
  'restore, killed before any change of the host, ends in the same state when it is run again',
  async () => {
    const whole = await uninterrupted();
    const killedAt = Math.floor(whole.changes / 2);
    const measured = await newSeed();
    await kill(measured, killedAt, runCreate);
    const restoration = measured.process();
    await restoreSeed(context(restoration));
    await forEachCount(restoration.changes, async (at) => {
      const seed = await newSeed();
      await kill(seed, killedAt, runCreate);
      await kill(seed, at, restoreSeed);
      await restoreSeed(context(seed.process()));
      expectBack(seed, whole.tree, at);
    });
  },
  PATIENCE,
);
