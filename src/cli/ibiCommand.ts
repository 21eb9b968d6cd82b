import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseIBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { Failure } from '#base/failure.ts';
import { warn } from '#base/logger.ts';
import { refusal, reportLines } from './failureText.ts';
import type { CommandWorld } from './seedCommands.ts';
import { imageArchitecture, stepLog } from './stepLog.ts';

interface IbiFlags {
  readonly configurationFile?: string;
  readonly workDirectory: string;
}

/** Adds `ibi`. */
export function addIbiCommand(program: Command, world: CommandWorld): void {
  program
    .command('ibi')
    .description('Install a seed image to the disk of this machine')
    .option('-f, --configuration-file <path>', 'ibi-configuration.json of the installation ISO')
    .option('--work-directory <path>', 'where pull-secret.json and post.sh are', '/var/tmp')
    .action((flags: IbiFlags) => installToDisk(flags, world));
}

async function installToDisk(flags: IbiFlags, { host, logger, io }: CommandWorld): Promise<void> {
  const path = flags.configurationFile ?? '';
  if (path === '') {
    throw new Failure({
      code: 'ibi/no-configuration',
      message: 'configuration file is required',
      hint: 'name it with -f, for example -f /var/tmp/ibi-configuration.json',
    });
  }
  const parsed = parseIBIPrepareConfig(await host.files.readText(path));
  if (!parsed.ok) throw refusal('ibi/configuration-invalid', path, parsed.report);
  for (const line of reportLines(path, parsed.report)) warn(logger(), line);
  const { ibiPaths } = await import('#ibi/context.ts');
  const { runIbi } = await import('#ibi/run.ts');
  await runIbi({
    host,
    logger: logger(),
    observer: stepLog(logger()),
    config: parsed.value,
    paths: ibiPaths(resolve(io.cwd, flags.workDirectory), io.env['CONTAINERS_REGISTRIES_CONF']),
    now: io.now,
    clock: () => performance.now() / 1000,
    randomBytes,
    architecture: imageArchitecture(),
    env: io.env,
  });
}
