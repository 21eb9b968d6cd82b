import type { Logger } from '#base/logger.ts';
import type { TARGETS } from '#installer/targets.ts';
import type { Io } from './io.ts';

/**
 * A command of openshift-install. A group has commands; a leaf makes a target, prints something, looks at the target
 * directory or does something with what it tells (also with a target that it makes first), or belongs to a story that is
 * not built yet.
 */
export interface InstallerCommand {
  readonly name: string;
  readonly summary: string;
  readonly isHidden?: true;
  readonly commands?: readonly InstallerCommand[];
  readonly target?: keyof typeof TARGETS;
  /** How many RSA keys the target needs in a directory that has none yet: they are begun before anything else. */
  readonly freshKeys?: number;
  readonly print?: LoadPrinter;
  readonly look?: LoadLook;
  readonly act?: LoadAct;
  readonly flags?: readonly InstallerFlag[];
  /** What a printing command takes beside flags, as help shows it: `[resource...]`. */
  readonly operands?: string;
  /** What the operands may be, for completion; loaded when it is asked for. */
  readonly operandWords?: () => Promise<readonly string[]>;
}

export interface InstallerFlag {
  /** `-o, --output <form>`, or `--keep` for a switch. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
  /** What may follow, for completion. */
  readonly values: readonly string[] | 'directory' | 'file' | 'switch';
}

/** The values of a command's flags that take one, by long name in camel case. */
export type FlagValues = Readonly<Record<string, string | undefined>>;

/** Loaded when it is needed. The printer returns the text for stdout, or for `--output-file`. @throws Failure */
type LoadPrinter = () => Promise<
  (flags: FlagValues, operands: readonly string[]) => string | Promise<string>
>;

/** Reads the target directory, tells about it on stdout and ends with a code; nothing is written, not even a log. */
type LoadLook = () => Promise<(directory: LookedAt) => Promise<LookResult>>;

export interface LookedAt {
  /** Absolute. */
  readonly root: string;
  readonly flags: FlagValues;
  readonly switches: ReadonlySet<string>;
  readonly io: Io;
  readonly logger: Logger;
}

export interface LookResult {
  readonly text: string;
  readonly code: number;
}

/** Does something outside of the target directory, and logs to stderr and to the directory. */
type LoadAct = () => Promise<(directory: ActedOn) => Promise<void>>;

export interface ActedOn {
  readonly command: InstallerCommand;
  readonly flags: FlagValues;
  readonly switches: ReadonlySet<string>;
  /** As the user wrote it; messages show it. */
  readonly dir: string;
  /** Absolute. */
  readonly root: string;
  readonly io: Io;
  readonly logger: Logger;
}

/** Flags of every command. */
export const GLOBAL_FLAGS: readonly InstallerFlag[] = [
  { flags: '--dir <path>', description: 'assets directory', default: '.', values: 'directory' },
  {
    flags: '--log-level <level>',
    description: 'log level (e.g. "debug | info | warn | error")',
    default: 'info',
    values: ['debug', 'info', 'warn', 'error'],
  },
  {
    flags: '--log-format <format>',
    description: 'form of the log on stderr: text or json',
    default: 'text',
    values: ['text', 'json'],
  },
];

/** Flag of every command that reads an install-config. */
export const ALLOW_UNKNOWN_FIELDS: InstallerFlag = {
  flags: '--allow-unknown-fields',
  description: 'warn about fields that the install-config does not have, instead of refusing them',
  values: 'switch',
};

/** Flags of every command that makes a target. */
const TARGET_FLAGS: readonly InstallerFlag[] = [
  {
    flags: '--keep',
    description: 'leave the input files in the directory instead of consuming them',
    values: 'switch',
  },
  ALLOW_UNKNOWN_FIELDS,
];

/** Newer versions of upstream's ignore unknown fields for programs that call it and say so (spec/installer/01.6). */
export const unknownKeysOf = (switches: ReadonlySet<string>, env: Io['env']): 'error' | 'warning' =>
  switches.has('allowUnknownFields') || (env['OPENSHIFT_INSTALL_INVOKER'] ?? '') !== '' ? 'warning' : 'error';

/** All flags of a command but those of every command. */
export const flagsOf = ({ flags = [], target }: InstallerCommand): readonly InstallerFlag[] =>
  target === undefined ? flags : [...flags, ...TARGET_FLAGS];

/** It does nothing of all that: it says so and fails. */
export const isUnbuilt = ({ commands, target, print, look, act }: InstallerCommand): boolean =>
  [commands, target, print, look, act].every((part) => part === undefined);
