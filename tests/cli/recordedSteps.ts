import type { ContractCase } from './contractCase.ts';

/** A command of a recorded case. */
export interface RecordedStep {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The step in whose directory it runs; absent: in a fresh copy of the case's input. */
  readonly follows?: string;
}

/** The commands as the case's text lists them, in order; lines that tell of edits are no commands. */
export function stepsOf({ commands }: ContractCase): RecordedStep[] {
  const lines = commands.split('\n');
  const env = Object.fromEntries(
    (/env: *(\S.*)$/m.exec(commands)?.[1] ?? '')
      .split(' ')
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  return lines.flatMap((line) => {
    const match =
      /^(?<name>[\w-]+): (?:\(cwd copy of (?<follows>[\w-]+)\) )?openshift-install (?<words>[^#]+?) *#/.exec(
        line,
      );
    const { name, follows, words } = match?.groups ?? {};
    if (name === undefined || words === undefined) return [];
    return [{ name, argv: words.split(' '), env, ...(follows !== undefined && { follows }) }];
  });
}
