import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseRecertConfig, type RecertConfig } from '#api/recertConfig.ts';
import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import { KeyPool } from '#pki/keySource.ts';
import { generateKey } from '#pki/keys.ts';
import type { RecertMeans } from '#recert/means.ts';
import { readPreparedKeys } from '#recert/preparedKeys.ts';
import { runRecert } from '#recert/run.ts';
import { localHost } from '#system/localHost.ts';
import { refusal } from './failureText.ts';
import type { Io } from './io.ts';
import { renderChanges } from './recertChanges.ts';
import { openEtcd } from './recertEtcd.ts';
import { parseCommandLine, renderHelp, type Subcommand, takeOwnFlags, UsageError } from './recertFlags.ts';

const VERSION = '0.1.0';
const EXIT = { success: 0, failure: 1, usage: 2 };

/** The program recert; answers its exit code. */
export async function recertMain(argv: readonly string[], io: Io): Promise<number> {
  try {
    const log = openLog(io);
    const subcommand = SUBCOMMANDS[argv[0] ?? ''];
    if (subcommand === undefined) await runCommand(argv, log, io);
    else await runSubcommand(await subcommand(), argv.slice(1), log, io);
    return EXIT.success;
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr.write(`error: ${error.message}\n\nFor more information, try '--help'.\n`);
      return EXIT.usage;
    }
    io.stderr.write(renderError(error));
    return EXIT.failure;
  }
}

/** Loaded when they are called. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  inspect: async () => (await import('./recertInspectCommand.ts')).inspectCommand,
  prove: async () => (await import('./recertProveCommand.ts')).proveCommand,
};

async function runSubcommand(command: Subcommand, argv: readonly string[], log: Log, io: Io): Promise<void> {
  const { own, rest } = takeOwnFlags(argv, command.flags);
  const { config } = await loadConfig(rest, io);
  if (typeof config === 'string') io.stdout.write(config);
  else await command.run(own, { config, means: await meansOf(config, log, io), io });
}

async function runCommand(argv: readonly string[], log: Log, io: Io): Promise<void> {
  const { config, text } = await loadConfig(argv, io);
  if (typeof config === 'string') {
    io.stdout.write(config);
    return;
  }
  const { changes } = await runRecert(config, await meansOf(config, log, io), text);
  if (changes !== undefined) io.stdout.write(renderChanges(changes));
}

/** A configuration, or a text to print instead of running. */
async function loadConfig(
  argv: readonly string[],
  io: Io,
): Promise<{ config: RecertConfig | string; text?: string }> {
  const path = io.env['RECERT_CONFIG'];
  if (path === undefined) {
    const command = await parseCommandLine(argv, localHost.files);
    if ('run' in command) return { config: command.run };
    return { config: command.print === 'help' ? renderHelp() : `recert ${VERSION}\n` };
  }
  const isRollback = argv.length === 1 && argv[0] === '--rollback';
  if (argv.length > 0 && !isRollback) {
    throw new Failure({
      code: 'recert/config',
      message: 'RECERT_CONFIG is set, so no command line options but --rollback may be given',
      hint: 'unset RECERT_CONFIG, or put the options into its file',
    });
  }
  const text = await localHost.files.readText(path);
  const read = parseRecertConfig(text);
  if (!read.ok) throw refusal('recert/config', path, read.report);
  return { config: isRollback ? { ...read.value, rollback: true } : read.value, text };
}

async function meansOf(config: RecertConfig, log: Log, io: Io): Promise<RecertMeans> {
  const { key_pool: pool, threads: concurrency = availableParallelism() } = config;
  const prepared = pool ? await readPreparedKeys(pool, localHost.files) : undefined;
  return {
    host: localHost,
    connect: openEtcd,
    keys: new KeyPool({ concurrency, generate: async (spec) => prepared?.(spec) ?? generateKey(spec) }),
    now: () => io.now(),
    clock: () => performance.now() / 1000,
    random: randomBytes,
    logger: log.logger,
    logLines: () => log.lines,
  };
}

interface Log {
  readonly logger: Logger;
  readonly lines: string[];
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];
const NAMES = { debug: 'DEBUG', info: 'INFO', warning: 'WARN', error: 'ERROR' } as const;

/** Lines on standard output as the original prints them, with the stage in the place of a source file's line. */
function openLog(io: Io): Log {
  const wanted = LEVELS.indexOf((io.env['RECERT_LOG_LEVEL'] ?? 'info').toLowerCase());
  if (wanted === -1) {
    throw new Failure({
      code: 'recert/log-level',
      message: 'RECERT_LOG_LEVEL is none of trace, debug, info, warn and error',
    });
  }
  const form = io.env['RECERT_LOG_FORMAT'] ?? 'text';
  if (!['text', 'json'].includes(form)) {
    throw new Failure({
      code: 'recert/log-format',
      message: 'RECERT_LOG_FORMAT is neither text nor json',
    });
  }
  const isJson = form === 'json';
  const lines: string[] = [];
  const logger: Logger = {
    log: ({ level, message, fields }) => {
      if (LEVELS.indexOf(level === 'warning' ? 'warn' : level) < wanted) return;
      const stage = String(fields?.['stage'] ?? 'run');
      const line = `${localTime(io.now())} - ${NAMES[level]} - recert/${stage}: ${message}`;
      lines.push(line);
      const entry = { time: io.now().toISOString(), level, ...fields, stage, message };
      io.stdout.write(`${isJson ? JSON.stringify(entry) : line}\n`);
    },
  };
  return { logger, lines };
}

function localTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The chain of causes as the original prints it, then what to do. */
function renderError(error: unknown): string {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null; at = at instanceof Error ? at.cause : undefined)
    chain.push(at);
  const messages = chain.map((one) => (one instanceof Error ? one.message : String(one)));
  // What an outer message already quotes need not be said again.
  const causes = messages.slice(1).filter((message) => !messages[0]!.includes(message));
  const lines = [`Error: ${messages[0]}`];
  if (causes.length === 1) lines.push('', 'Caused by:', `    ${causes[0]}`);
  if (causes.length > 1)
    lines.push('', 'Caused by:', ...causes.map((cause, index) => `   ${index}: ${cause}`));
  if (error instanceof Failure && error.hint !== undefined) lines.push('', `Hint: ${error.hint}`);
  if (!(error instanceof Failure) && error instanceof Error && error.stack) lines.push('', error.stack);
  return `${lines.join('\n')}\n`;
}
