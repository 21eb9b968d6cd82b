import { Failure } from '#base/failure.ts';

/** What an install-config is made of when nobody wrote one: answers given beforehand, and a person to ask for the others. */
export interface Interview {
  /** A part of an install-config, as plain data: what flags and the answers file say. */
  readonly given: Mapping;
  /** Absent: nobody can be asked. */
  readonly terminal?: Terminal;
  /** Public keys of the person who runs the program; those that can't be read are left out. */
  findSshKeys(): Promise<readonly SshKeyFile[]>;
}

export type Mapping = Readonly<Record<string, unknown>>;

interface SshKeyFile {
  readonly path: string;
  readonly text: string;
}

/** Where a person is asked. */
export interface Terminal {
  /** @throws Failure when the person does not want to answer any more */
  ask(question: Question): Promise<string>;
}

export interface Question {
  readonly message: string;
  /** `confirm` is answered by `yes` or `no`. */
  readonly kind: 'text' | 'secret' | 'choice' | 'confirm';
  readonly help?: string;
  /** What an empty answer stands for. */
  readonly default?: string;
  readonly choices?: readonly Choice[];
  /** Why the answer is none. */
  readonly check?: (answer: string) => string | undefined;
}

export interface Choice {
  readonly value: string;
  /** Shown instead of the value. */
  readonly name?: string;
  readonly help?: string;
}

/** A question together with the place of its answer in the install-config. */
export interface Asked extends Question {
  readonly path: readonly string[];
  /** The flag that gives the answer; none where only the answers file can. */
  readonly flag?: string;
}

/**
 * The answer that was given beforehand, or that of a person, or the default.
 *
 * Answers given beforehand are checked at once only where a person would otherwise answer the rest in vain.
 * @throws Failure installer/answer-missing, which names the flag; installer/answer-invalid
 */
export async function findAnswer(asked: Asked, interview: Interview | undefined): Promise<string> {
  const given = interview && textAt(interview.given, asked.path);
  if (given !== undefined) {
    const fault = interview?.terminal === undefined ? undefined : asked.check?.(given);
    if (fault === undefined) return given;
    throw new Failure({
      code: 'installer/answer-invalid',
      message: `${asked.path.join('.')}: ${fault}`,
      ...(asked.flag !== undefined && { hint: `it was given by ${asked.flag} or the file of --answers` }),
    });
  }
  if (interview?.terminal !== undefined) return interview.terminal.ask(asked);
  if (asked.default !== undefined) return asked.default;
  const name = asked.path.join('.');
  const flag = asked.flag === undefined ? '' : `${asked.flag}, or `;
  throw new Failure({
    code: 'installer/answer-missing',
    message: `nothing says ${name} and there is no terminal to ask at: give ${flag}${name} in the file of --answers, to create install-config`,
    hint: 'or put a complete install-config.yaml into the directory',
  });
}

/** The member of plain data at a path. */
export function memberAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => mappingOf(at)[key], data);
}

/** The data as a mapping; what is none is an empty one. */
export const mappingOf = (data: unknown): Mapping =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Mapping) : {};

function textAt(data: unknown, path: readonly string[]): string | undefined {
  const member = memberAt(data, path);
  return ['string', 'number', 'boolean'].includes(typeof member) ? String(member) : undefined;
}
