import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import type { SeedContext } from '#seed/context.ts';
import { acquireLock } from '#system/directoryLock.ts';
import type { Host } from '#system/host.ts';
import type { Io } from './io.ts';
import { imageArchitecture, stepLog } from './stepLog.ts';

export interface CommandWorld {
  readonly host: Host;
  /** Asked when a command runs: the global flags that decide the level are known then. */
  readonly logger: () => Logger;
  readonly io: Io;
}

export interface SeedFlags {
  readonly authfile: string;
  readonly image: string;
  readonly recertImage?: string;
  readonly skipRecertValidation: boolean;
  readonly skipCleanup: boolean;
  readonly executable?: string;
  readonly compression: 'gzip' | 'zstd';
}

/** Adds `create` and `restore`, which take the same flags. */
export function addSeedCommands(program: Command, world: CommandWorld): void {
  seedCommand(
    program,
    'create',
    'Make and push a seed image of this cluster, then bring the cluster back',
  ).action(async (flags: SeedFlags) => {
    const { runCreate } = await import('#seed/run.ts');
    await alone(world, () => runCreate(seedContext(flags, world)));
  });
  seedCommand(program, 'restore', 'Bring the seed cluster back after a seed image was made').action(
    async (flags: SeedFlags) => {
      const { restoreSeed } = await import('#seed/restore.ts');
      await alone(world, () => restoreSeed(seedContext(flags, world)));
    },
  );
}

const seedCommand = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('-a, --authfile <path>', 'registry credentials', '/var/lib/kubelet/config.json')
    .requiredOption('-i, --image <pull-spec>', 'the seed image')
    .option('-e, --recert-image <pull-spec>', 'recert image that clones of the original program run')
    .option('--skip-recert-validation', 'do not expire and restore the crypto of the cluster', false)
    .option('--skip-cleanup', 'leave the cluster stopped', false)
    .addOption(
      new Option('--compression <method>', 'of the archives in the seed; only this program reads zstd')
        .choices(['gzip', 'zstd'])
        .default('gzip'),
    )
    .option('--executable <path>', 'executable that travels in the seed (default: this one)');

/** Two programs that take one cluster apart would destroy it. Failure `system/lock-held`. */
export async function alone<T>({ io }: CommandWorld, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock({
    path: '/run/lca-seed.lock',
    subject: 'the making of a seed image on this host',
    now: io.now(),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

export function seedContext(flags: SeedFlags, { host, logger, io }: CommandWorld): SeedContext {
  const { image, authfile, recertImage, skipRecertValidation, skipCleanup, compression } = flags;
  return {
    host,
    logger: logger(),
    observer: stepLog(logger()),
    options: { image, authfile, recertImage, skipRecertValidation, skipCleanup, compression },
    now: io.now,
    clock: () => performance.now() / 1000,
    randomBytes,
    executable: flags.executable ?? ownExecutable(),
    architecture: imageArchitecture(),
  };
}

/** Run from the sources, this process is node itself, which is of no use on a clone. */
function ownExecutable(): string {
  if (!process.execPath.endsWith('/node')) return process.execPath;
  throw new Failure({
    code: 'seed/no-executable',
    message: 'lca-cli runs from its sources, so there is no executable that could travel in the seed',
    hint: 'run "npm run build" and use dist/lca-cli, or name it with --executable',
  });
}
