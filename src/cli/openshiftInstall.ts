import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { Failure } from '#base/failure.ts';
import { debug, type LogLevel } from '#base/logger.ts';
import { placed, problemsOf } from '#installer/refusedInput.ts';
import { answerCompletion, COMPLETE, COMPLETE_WITHOUT_DESCRIPTIONS } from './completion.ts';
import { failureLine, hintOf, isDefect } from './failureText.ts';
import {
  type FlagValues,
  flagsOf,
  GLOBAL_FLAGS,
  type InstallerCommand,
  isUnbuilt,
} from './installerCommand.ts';
import { type InstallerLog, installerLog, LOG_FILE } from './installerLog.ts';
import { INTERRUPTED } from './interruption.ts';
import type { Io } from './io.ts';
import { type LogFormat, renderLogrusText, renderTime } from './logrus.ts';
import { INSTALLER_COMMANDS } from './openshiftInstallCommands.ts';
import { VERSION } from './version.ts';

const NAME = 'openshift-install';
const LOCK = '.openshift_install.lock';
const EXIT_FAILED = 1;
const EXIT_INSTALL_CONFIG = 3;
const EXIT_INFRASTRUCTURE = 4;
/** Upstream finds the kind of failure in its text (spec/installer/01.3). */
const INSTALL_CONFIG_MARK = 'failed to create install config';
const INFRASTRUCTURE_MARK = 'failed to create cluster';
const EXIT_INTERRUPTED = 8;
/** Of failures while a cluster comes up, by their code (spec/installer/01.3). */
const EXIT_CODES: Readonly<Record<string, number>> = {
  'installer/bootstrap-failed': 5,
  'installer/install-failed': 6,
  'installer/operators-unstable': 7,
};

/** Levels of logrus by the names that `--log-level` takes; ours has no finer one than debug and no coarser than error. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  warning: 'warning',
  error: 'error',
  fatal: 'error',
  panic: 'error',
};

interface GlobalOptions {
  readonly dir: string;
  readonly logLevel: string;
  readonly logFormat: string;
}

/** openshift-install: 0, or the exit code of spec/installer/01.3. */
export async function openshiftInstallMain(argv: readonly string[], io: Io): Promise<number> {
  if (argv[0] === COMPLETE || argv[0] === COMPLETE_WITHOUT_DESCRIPTIONS) return answerCompletion(argv, io);
  let code = 0;
  const program = openshiftInstallProgram(io, async (call) => {
    code = await runCommand(call, program.opts<GlobalOptions>(), io);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : tellUsageError(usageText(error), io);
  }
}

/** The command tree; a leaf calls `run` with its path (`image-based create config-image`) and flags. */
export const openshiftInstallProgram = (io: Io, run: RunLeaf): Command =>
  addCommands(rootCommand(io), INSTALLER_COMMANDS, run);

function rootCommand(io: Io): Command {
  const root = new Command(NAME).description('Creates OpenShift clusters');
  for (const flag of GLOBAL_FLAGS) root.option(flag.flags, flag.description, flag.default);
  return root.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: () => {},
    outputError: () => {},
  });
}

/** A leaf of the tree as it was called. */
interface Call {
  readonly path: string;
  readonly command: InstallerCommand;
  readonly flags: FlagValues;
  /** The flags that take no value and were given, by long name in camel case. */
  readonly switches: ReadonlySet<string>;
  readonly operands: readonly string[];
}
type RunLeaf = (call: Call) => Promise<void>;

function addCommands(
  parent: Command,
  commands: readonly InstallerCommand[],
  run: RunLeaf,
  path: readonly string[] = [],
): Command {
  for (const command of commands) {
    const own = [...path, command.name];
    const child = parent
      .command(command.name, { hidden: command.isHidden ?? false })
      .description(command.summary);
    for (const flag of flagsOf(command)) child.option(flag.flags, flag.description, flag.default);
    if (command.commands === undefined) {
      if (isUnbuilt(command)) child.allowUnknownOption().allowExcessArguments();
      else child.allowExcessArguments(false);
      if (command.operands !== undefined) child.argument(command.operands);
      const called = { path: own.join(' '), command };
      child.action(() => run({ ...called, ...givenFlags(child.opts()), operands: child.args }));
    } else addCommands(child, command.commands, run, own);
  }
  return parent.allowExcessArguments().action(() => showGroup(parent));
}

function givenFlags(options: Readonly<Record<string, string | true>>): Pick<Call, 'flags' | 'switches'> {
  const names = Object.keys(options);
  return {
    flags: Object.fromEntries(
      names.flatMap((name) => (options[name] === true ? [] : [[name, options[name]]])),
    ),
    switches: new Set(names.filter((name) => options[name] === true)),
  };
}

/** A group alone prints its help and is content; a word that is none of its commands is an error. */
function showGroup(group: Command): void {
  const [word] = group.args;
  if (word === undefined) {
    group.outputHelp();
    return;
  }
  const names: string[] = [];
  for (let at: Command | null = group; at !== null; at = at.parent) names.unshift(at.name());
  throw new CommanderError(
    EXIT_FAILED,
    'sower.unknownCommand',
    `unknown command "${word}" for "${names.join(' ')}"`,
  );
}

async function runCommand(call: Call, options: GlobalOptions, io: Io): Promise<number> {
  const level = LEVELS[options.logLevel.toLowerCase()];
  if (!['text', 'json'].includes(options.logFormat)) {
    return tellUsageError(`invalid log-format: "${options.logFormat}" is neither text nor json`, io);
  }
  const log = installerLog(io, { level: level ?? 'info', format: options.logFormat as LogFormat });
  if (level === undefined) {
    log.fatal(`invalid log-level: not a valid logrus Level: "${options.logLevel}"`);
    return EXIT_FAILED;
  }
  try {
    return await performCommand({ ...call, dir: options.dir, io, log });
  } catch (error) {
    return tellFailure(error, log, io);
  } finally {
    log.close();
  }
}

interface Performance extends Call {
  readonly dir: string;
  readonly io: Io;
  readonly log: InstallerLog;
}

async function performCommand(performance: Performance): Promise<number> {
  const { path, command, flags, switches, operands, dir, io, log } = performance;
  if (command.print !== undefined) {
    const text = await (await command.print())(flags, operands);
    if (flags['outputFile'] === undefined) io.stdout.write(text);
    else await writeText(resolve(io.cwd, flags['outputFile']), text);
    return 0;
  }
  const root = resolve(io.cwd, dir);
  if (command.look !== undefined) {
    const { text, code } = await (await command.look())({ root, flags, switches, io, logger: log });
    io.stdout.write(text);
    return code;
  }
  if (isUnbuilt(command)) {
    throw new Failure({
      code: 'cli/not-in-this-release',
      message: `"${path}" is not part of this release of Sower`,
      hint: `use the original ${NAME} for it`,
    });
  }
  log.openFile(join(root, LOG_FILE));
  debug(log, `OpenShift Installer ${VERSION}`);
  const act = (await command.act?.()) ?? (await import('./makeTarget.ts')).makeTarget;
  await inLockedDirectory(root, io, () => act({ command, flags, switches, dir, root, io, logger: log }));
  return 0;
}

/** Only one run at a time works in a directory. */
async function inLockedDirectory(root: string, io: Io, work: () => Promise<void>): Promise<void> {
  const { acquireLock } = await import('#system/directoryLock.ts');
  const lock = await acquireLock({ path: join(root, LOCK), subject: root, now: io.now() });
  try {
    await work();
  } finally {
    await lock.release();
  }
}

async function writeText(path: string, text: string): Promise<void> {
  const { localFiles } = await import('#system/localFiles.ts');
  await localFiles.write(path, text);
}

/** Upstream's line for scripts; a person (and the log file) also gets every problem with its place, and the next step. */
function tellFailure(error: unknown, log: InstallerLog, io: Io): number {
  if (error instanceof Failure && error.code === INTERRUPTED) return EXIT_INTERRUPTED; // it was told when it came
  const details = io.stderr.isTTY ? 'error' : 'debug';
  const line = isDefect(error) ? `internal error: ${failureLine(error)}` : failureLine(error);
  const problems = error instanceof Failure ? problemsOf(error) : [];
  for (const found of problems) {
    // Upstream's line has the problems of the first bad file only.
    log.log({ level: line.includes(found.message) ? details : 'error', message: placed(found) });
  }
  if (isDefect(error) && error instanceof Error) debug(log, error.stack ?? '');
  const hint = hintOf(error);
  if (hint !== undefined) log.log({ level: io.stderr.isTTY ? 'info' : 'debug', message: `hint: ${hint}` });
  const fields = {
    ...(error instanceof Failure && { code: error.code }),
    ...(hint !== undefined && { hint }),
    ...(problems.length > 0 && { problems }),
  };
  const code = exitCodeOf(error, line);
  if (code === EXIT_FAILED) log.fatal(line, fields);
  else log.log({ level: 'error', message: line, fields });
  return code;
}

function exitCodeOf(error: unknown, line: string): number {
  if (line.includes(INSTALL_CONFIG_MARK)) return EXIT_INSTALL_CONFIG;
  if (line.includes(INFRASTRUCTURE_MARK)) return EXIT_INFRASTRUCTURE;
  return (error instanceof Failure ? EXIT_CODES[error.code] : undefined) ?? EXIT_FAILED;
}

/** Before logging is set up entries have their time also without a terminal. */
function tellUsageError(message: string, io: Io): number {
  const text = `Error executing ${NAME}: ${message}`;
  io.stderr.write(`${renderLogrusText('fatal', text, renderTime(io.now(), 'rfc3339'))}\n`);
  return EXIT_FAILED;
}

/** The wording of upstream's command-line library. */
function usageText(error: CommanderError): string {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return `unknown flag: ${quoted}`;
    case 'commander.optionMissingArgument':
      return `flag needs an argument: ${quoted.split(' ')[0]}`;
    case 'commander.excessArguments': {
      const [expected = '', given = ''] = error.message.match(/\d+/g)?.slice(-2) ?? [];
      return `accepts ${expected} arg(s), received ${given}`;
    }
    default:
      return error.message.replace(/^error: /, '');
  }
}
