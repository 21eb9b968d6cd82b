import type { Command } from 'commander';
import { SEED_GENERATOR, SEED_GENERATOR_NAME } from '#api/seedGenerator.ts';
import { info } from '#base/logger.ts';
import { alone, type CommandWorld, seedContext } from './seedCommands.ts';

interface ControllerFlags {
  readonly namespace: string;
  readonly recertImage?: string;
  readonly skipRecertValidation: boolean;
  readonly executable?: string;
}

/** Adds `seed-controller`, which the original has in its operator. */
export function addSeedControllerCommand(program: Command, world: CommandWorld): void {
  const { env } = world.io;
  program
    .command('seed-controller')
    .description('Make a seed image of this cluster whenever its SeedGenerator asks for one')
    .option(
      '--namespace <name>',
      'of the Secret with the push credentials',
      env['MY_POD_NAMESPACE'] ?? 'openshift-lifecycle-agent',
    )
    .option(
      '-e, --recert-image <pull-spec>',
      'recert image for objects that name none',
      env['RELATED_IMAGE_RECERT_IMAGE'],
    )
    .option(
      '--skip-recert-validation',
      'do not expire and restore the crypto of the cluster',
      env['SEEDGEN_SKIP_RECERT'] === 'TRUE',
    )
    .option('--executable <path>', 'executable that travels in the seed (default: this one)')
    .action((flags: ControllerFlags) => alone(world, () => control(flags, world)));
}

async function control(flags: ControllerFlags, world: CommandWorld): Promise<void> {
  const { host, io } = world;
  const { runSeedController } = await import('#seed/controller/run.ts');
  const { SEED_PATHS } = await import('#seed/context.ts');
  const { runCreate } = await import('#seed/run.ts');
  const { connectKubernetes } = await import('#system/kubernetesApi.ts');
  const logger = world.logger();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, onSignal);
  info(logger, `waiting for ${SEED_GENERATOR.kind} ${SEED_GENERATOR_NAME}`);
  await runSeedController({
    host,
    logger,
    connect: () => connectKubernetes(host.files, SEED_PATHS.kubeconfig),
    namespace: flags.namespace,
    recertImage: flags.recertImage,
    now: io.now,
    create: ({ image, authfile, recertImage }) => {
      const { skipRecertValidation, executable } = flags;
      const given = {
        ...(recertImage !== undefined && { recertImage }),
        ...(executable !== undefined && { executable }),
      };
      const fixed = { skipCleanup: false, compression: 'gzip' as const };
      return runCreate(seedContext({ image, authfile, skipRecertValidation, ...fixed, ...given }, world));
    },
    signal: stop.signal,
    pace: 1,
  });
}
