import { Command, CommanderError } from 'commander';
import { failureLine, hintOf, isDefect } from './failureText.ts';
import type { Io } from './io.ts';
import { addLabCommands } from './labCommands.ts';

/** `sower`: the lab; the drop-in programs are links to the same executable. */
export async function sowerMain(argv: readonly string[], io: Io): Promise<number> {
  const outcome = { code: 0 };
  const program = sowerProgram(io, outcome);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    io.stderr.write(`sower: ${failureLine(error)}\n`);
    const hint = hintOf(error);
    if (hint !== undefined) io.stderr.write(`hint: ${hint}\n`);
    if (isDefect(error) && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

/** The command tree; a command whose answer is "no" sets `outcome.code`. */
export function sowerProgram(io: Io, outcome: { code: number }): Command {
  const program = new Command('sower')
    .description('Clone single-node clusters from a snapshot of a running one: the lab.')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .exitOverride();
  addLabCommands(program, io, outcome);
  return program;
}
