import { parseArgs } from 'node:util';
import { type RecertConfig, validateRecertConfig } from '#api/recertConfig.ts';
import { EXCLUSIVE_FLAGS, flagOf, RECERT_OPTIONS, type RecertOption } from '#api/recertOptions.ts';
import { Failure } from '#base/failure.ts';
import { renderProblem } from '#base/report.ts';
import type { RecertMeans } from '#recert/means.ts';
import type { Files } from '#system/host.ts';
import type { Io } from './io.ts';

/** A command line that can't be understood: exit code 2. */
export class UsageError extends Error {}

/** What the command line asks for: to run, or to print something. */
export type CommandLine = { readonly run: RecertConfig } | { readonly print: 'help' | 'version' };

/** Flags of a subcommand, by name; each has a value. */
type OwnFlags = Readonly<Record<string, { readonly default?: string; readonly short?: string }>>;

/** A use of recert that only reads; it takes the options of a run too. */
export interface Subcommand {
  readonly flags: OwnFlags;
  run(
    flags: Readonly<Record<string, string | undefined>>,
    world: { readonly config: RecertConfig; readonly means: RecertMeans; readonly io: Io },
  ): Promise<void>;
}

/** Takes a subcommand's own flags, which all have a value, out of the command line. */
export function takeOwnFlags(
  argv: readonly string[],
  flags: OwnFlags,
): { own: Readonly<Record<string, string | undefined>>; rest: string[] } {
  const own: Record<string, string | undefined> = {};
  for (const [name, flag] of Object.entries(flags)) own[name] = flag.default;
  const rest = [...argv];
  for (let at = 0; at < rest.length; ) {
    const [word, inline] = splitOnce(rest[at]!, '=');
    const name = Object.keys(flags).find((each) => word === `--${each}` || word === `-${flags[each]!.short}`);
    if (name === undefined) {
      at++;
      continue;
    }
    const value = inline ?? rest[at + 1];
    if (value === undefined) throw new UsageError(`a value is required for '${word}'`);
    own[name] = value;
    rest.splice(at, inline === undefined ? 2 : 1);
  }
  return { own, rest };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Reads flags into the same document that a configuration file holds. UsageError for anything it can't be. */
export async function parseCommandLine(argv: readonly string[], files: Files): Promise<CommandLine> {
  const values = parseFlags(argv);
  if (values['help']) return { print: 'help' };
  if (values['version']) return { print: 'version' };
  const config = Object.fromEntries(
    RECERT_OPTIONS.flatMap((option) => {
      const value = values[flagOf(option)];
      return value === undefined ? [] : [[option.key, readValue(option, value)]];
    }),
  ) as RecertConfig;
  refuseConflicts(config);
  await refuseMissingPaths(config, files);
  return { run: config };
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parseFlags(argv: readonly string[]): Values {
  const options = Object.fromEntries(
    RECERT_OPTIONS.map((option) => [
      flagOf(option),
      {
        type: option.type === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: option.type === 'list' || option.type === 'text-or-pair',
      },
    ]),
  );
  const own = {
    help: { type: 'boolean' as const, short: 'h' },
    version: { type: 'boolean' as const, short: 'V' },
  };
  try {
    return parseArgs({ args: [...argv], options: { ...options, ...own }, strict: true }).values as Values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readValue(option: RecertOption, value: unknown): unknown {
  if (option.type !== 'count') return value;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`invalid value '${String(value)}' for '--${flagOf(option)}': not a positive number`);
  return count;
}

function refuseConflicts(config: RecertConfig): void {
  const given = config as Readonly<Record<string, unknown>>;
  for (const group of EXCLUSIVE_FLAGS) {
    const [one, other] = group.filter((key) => given[key] !== undefined);
    if (one !== undefined && other !== undefined)
      throw new UsageError(`the argument '--${dashed(one)}' cannot be used with '--${dashed(other)}'`);
  }
  const [problem] = validateRecertConfig(config);
  if (problem !== undefined) throw new UsageError(renderProblem(problem));
}

async function refuseMissingPaths(config: RecertConfig, files: Files): Promise<void> {
  for (const option of RECERT_OPTIONS) {
    if (option.check === undefined) continue;
    const value = (config as Readonly<Record<string, unknown>>)[option.key];
    for (const path of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      const kind = await kindOf(String(path), files);
      if (kind !== option.check && kind !== 'symlink')
        throw new UsageError(
          `invalid value '${String(path)}' for '--${flagOf(option)}': ${kind === undefined ? 'does not exist' : `is not a ${option.check}`}`,
        );
    }
  }
}

async function kindOf(path: string, files: Files): Promise<string | undefined> {
  try {
    return (await files.facts(path))?.kind;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

const dashed = (key: string): string => key.replaceAll('_', '-');

const METAVARS: Readonly<Record<RecertOption['type'], string>> = {
  text: ' <VALUE>',
  list: ' <VALUE>',
  'text-or-pair': ' <VALUE>',
  count: ' <NUMBER>',
  flag: '',
};

export function renderHelp(): string {
  const flags = RECERT_OPTIONS.map((option) => {
    const repeats = option.type === 'list' ? ' (repeatable)' : '';
    return `      --${flagOf(option)}${METAVARS[option.type]}\n          ${option.help}${repeats}\n`;
  });
  return [
    'Gives a stopped single-node cluster new keys, certificates, tokens and names\n\n',
    'Usage: recert [OPTIONS]\n',
    '       recert inspect [-o table|json|dot] [OPTIONS]   print all keys, certificates and tokens\n',
    '       recert prove --against FILE [--raw-dir DIR] [OPTIONS]\n',
    '                                                      fail if anything of the inventory in FILE is left\n\n',
    'With RECERT_CONFIG set to the path of a YAML or JSON file, options come from there and none may be given.\n\n',
    'Options:\n',
    ...flags,
    '  -h, --help\n          print this help\n  -V, --version\n          print the version\n\n',
    'Environment:\n  RECERT_CONFIG     configuration file\n  RECERT_LOG_LEVEL  trace, debug, info (default), warn or error\n  RECERT_LOG_FORMAT text (default) or json, one object a line\n',
  ].join('');
}
