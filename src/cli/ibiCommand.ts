import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseIBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { Failure } from '#base/failure.ts';
import { warn } from '#base/logger.ts';
import type { IbiContext, IbiOptions } from '#ibi/context.ts';
import { refusal, reportLines } from './failureText.ts';
import type { Io } from './io.ts';
import { findOutputForm } from './outputForm.ts';
import type { CommandWorld } from './seedCommands.ts';
import { imageArchitecture, stepLog } from './stepLog.ts';
import { VERSION } from './version.ts';

interface IbiFlags {
  readonly configurationFile?: string;
  readonly workDirectory: string;
  readonly dryRun: boolean;
  readonly output: string;
  readonly resultFile: string;
  readonly callbackUrl?: string;
  readonly startOver: boolean;
  readonly registryTimeout: number;
  readonly registryAttempts: number;
}

/** Adds `ibi`. */
export function addIbiCommand(program: Command, world: CommandWorld): void {
  program
    .command('ibi')
    .description('Install a seed image to the disk of this machine')
    .option('-f, --configuration-file <path>', 'ibi-configuration.json of the installation ISO')
    .option('--work-directory <path>', 'where pull-secret.json and post.sh are', '/var/tmp')
    .option('--dry-run', 'check everything and print the plan; nothing is changed', false)
    .option('-o, --output <form>', 'of the plan: text or json', 'text')
    .option('--result-file <path>', 'course and outcome as JSON', '/run/lca-ibi/result.json')
    .option('--callback-url <url>', 'POST the result there at the end')
    .option(
      '--start-over',
      'give up the unfinished installation of another seed or configuration on the disk',
      world.io.env['LCA_IBI_START_OVER'] === 'yes',
    )
    .option('--registry-timeout <seconds>', 'give up a registry that sends nothing', positive, 60)
    .option('--registry-attempts <number>', 'attempts in a row that bring nothing', positive, 5)
    .action((flags: IbiFlags) => installToDisk(flags, world));
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number above zero');
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
  const form = findOutputForm(flags.output, ['text', 'json']);
  const parsed = parseIBIPrepareConfig(await host.files.readText(path));
  if (!parsed.ok) throw refusal('ibi/configuration-invalid', path, parsed.report);
  const doubts = reportLines(path, parsed.report);
  const { ibiPaths } = await import('#ibi/context.ts');
  const context: IbiContext = {
    host,
    logger: logger(),
    observer: stepLog(logger()),
    config: parsed.value,
    options: ibiOptions(flags, io.cwd),
    paths: ibiPaths(resolve(io.cwd, flags.workDirectory), io.env['CONTAINERS_REGISTRIES_CONF']),
    now: io.now,
    clock: () => performance.now() / 1000,
    randomBytes,
    architecture: imageArchitecture(),
    env: io.env,
  };
  if (flags.dryRun) return printPlan(context, { form, doubts }, io);
  for (const line of doubts) warn(logger(), line);
  const { runIbi } = await import('#ibi/run.ts');
  await runIbi(context);
}

interface PlanForm {
  readonly form: 'text' | 'json';
  /** Of the configuration. */
  readonly doubts: readonly string[];
}

/** Nothing else is printed, so that the JSON can be read by a program. */
async function printPlan(context: IbiContext, { form, doubts }: PlanForm, io: Io): Promise<void> {
  const { planInstallation } = await import('#ibi/plan.ts');
  const found = await planInstallation(context);
  const plan = { ...found, warnings: [...doubts, ...found.warnings] };
  const { renderPlanText } = await import('./ibiPlanText.ts');
  io.stdout.write(form === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : renderPlanText(plan));
}

function ibiOptions(flags: IbiFlags, cwd: string): IbiOptions {
  const { callbackUrl, startOver } = flags;
  if (callbackUrl !== undefined && !/^https?:$/.test(URL.parse(callbackUrl)?.protocol ?? '')) {
    throw new Failure({
      code: 'ibi/callback-url-invalid',
      message: '--callback-url is not an http or https URL',
      hint: 'write for example --callback-url https://hub.example.org/done',
    });
  }
  return {
    resultFile: resolve(cwd, flags.resultFile),
    ...(callbackUrl !== undefined && { callbackUrl }),
    startOver,
    registryTimeoutSeconds: flags.registryTimeout,
    registryAttempts: flags.registryAttempts,
    toolVersion: VERSION,
  };
}
