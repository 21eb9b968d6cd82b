import type { Terminal } from '#installer/interview.ts';
import type { generateKey } from '#pki/keys.ts';

/** Everything a program takes from the outside; tests give their own. */
export interface Io {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  now(): Date;
  /** Reads all of standard input; used only where a command says so. */
  readStdin(): Promise<string>;
  /** Makes a private key; absent: it is made afresh. */
  readonly generateKey?: typeof generateKey;
  /** Where a person can be asked; absent where input or output is no terminal. */
  readonly terminal?: Terminal;
}

export interface TextSink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Columns of the terminal, 80 where there is none. */
  readonly columns: number;
}

/** A program by the name it is called with; the number is its exit code. */
export type Program = (argv: readonly string[], io: Io) => Promise<number>;
