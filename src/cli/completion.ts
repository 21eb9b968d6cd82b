import {
  flagsOf,
  GLOBAL_FLAGS,
  type InstallerCommand,
  type InstallerFlag,
  isUnbuilt,
} from './installerCommand.ts';
import type { Io } from './io.ts';
import { INSTALLER_COMMANDS } from './openshiftInstallCommands.ts';

/** How a shell goes on after the candidates; the numbers of cobra's protocol, so that scripts made for it work too. */
const DIRECTIVES = { Default: 0, NoFileComp: 4, FilterDirs: 16 } as const;
type Directive = keyof typeof DIRECTIVES;

interface Candidate {
  readonly word: string;
  readonly description: string;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: Directive;
}

export const COMPLETE = '__complete';
export const COMPLETE_WITHOUT_DESCRIPTIONS = '__completeNoDesc';

/** Answers a completion script: a candidate a line (`word TAB description`), then `:<directive>`. */
export async function answerCompletion([request, ...words]: readonly string[], io: Io): Promise<number> {
  const { candidates, directive } = await completeWords(words);
  for (const { word, description } of candidates)
    io.stdout.write(request === COMPLETE ? `${word}\t${description}\n` : `${word}\n`);
  io.stdout.write(`:${DIRECTIVES[directive]}\n`);
  io.stderr.write(`Completion ended with directive: ShellCompDirective${directive}\n`);
  return 0;
}

const NOTHING: Completion = { candidates: [], directive: 'NoFileComp' };

/** What may stand for the last of the words, which may be begun or empty. Commands that only refuse are not offered. */
export async function completeWords(words: readonly string[]): Promise<Completion> {
  const begun = words.at(-1) ?? '';
  const place = findPlace(words.slice(0, -1));
  if (place === undefined) return NOTHING;
  const { commands, flags, pending, operandWords } = place;
  if (pending !== undefined) return completeValue(pending, begun);
  if (!begun.startsWith('-')) {
    if (operandWords !== undefined) return chooseWords(await operandWords(), begun);
    const offered = commands.filter((command) => command.isHidden === undefined && isBuilt(command));
    return choose(
      offered.map(({ name, summary }) => ({ word: name, description: summary })),
      begun,
    );
  }
  const [name, value] = splitFlag(begun);
  const flag = value === undefined ? undefined : findFlag(flags, name);
  if (value !== undefined) return flag === undefined ? NOTHING : completeValue(flag, value);
  const own = flags.map((each) => ({ word: longOf(each), description: each.description }));
  return choose([...own, { word: '--help', description: 'display help for command' }], begun);
}

/** Where the finished words lead to. */
interface Place {
  readonly commands: readonly InstallerCommand[];
  readonly flags: readonly InstallerFlag[];
  /** A flag whose value comes next. */
  readonly pending?: InstallerFlag;
  readonly operandWords?: InstallerCommand['operandWords'];
}

function findPlace(words: readonly string[]): Place | undefined {
  let commands = INSTALLER_COMMANDS;
  let flags = GLOBAL_FLAGS;
  let pending: InstallerFlag | undefined;
  let operandWords: Place['operandWords'];
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) {
      const [name, value] = splitFlag(word);
      pending = value === undefined ? findFlag(flags, name) : undefined;
      if (pending?.values === 'switch') pending = undefined;
    } else {
      const command = commands.find(({ name }) => name === word);
      if (command === undefined) return undefined;
      commands = command.commands ?? [];
      flags = [...flagsOf(command), ...GLOBAL_FLAGS];
      operandWords = command.operandWords;
    }
  }
  return {
    commands,
    flags,
    ...(pending !== undefined && { pending }),
    ...(operandWords !== undefined && { operandWords }),
  };
}

const isBuilt = (command: InstallerCommand): boolean =>
  command.commands === undefined ? !isUnbuilt(command) : command.commands.some(isBuilt);

function completeValue({ values }: InstallerFlag, begun: string): Completion {
  if (values === 'directory') return { candidates: [], directive: 'FilterDirs' };
  if (values === 'file') return { candidates: [], directive: 'Default' };
  if (values === 'switch') return NOTHING;
  return chooseWords(values, begun);
}

const chooseWords = (words: readonly string[], begun: string): Completion =>
  choose(
    words.map((word) => ({ word, description: '' })),
    begun,
  );

const choose = (candidates: readonly Candidate[], begun: string): Completion => ({
  candidates: candidates.filter(({ word }) => word.startsWith(begun)),
  directive: 'NoFileComp',
});

function splitFlag(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

const namesOf = ({ flags }: InstallerFlag): string[] =>
  flags.split(/[ ,]+/).filter((name) => name[0] === '-');
const longOf = (flag: InstallerFlag): string => namesOf(flag).at(-1)!;
const findFlag = (flags: readonly InstallerFlag[], name: string): InstallerFlag | undefined =>
  flags.find((flag) => namesOf(flag).includes(name));
