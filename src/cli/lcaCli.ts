import { Command, CommanderError } from 'commander';
import { Failure } from '#base/failure.ts';
import { localHost } from '#system/localHost.ts';
import { failureLine, hintOf, isDefect } from './failureText.ts';
import { addIbiCommand } from './ibiCommand.ts';
import type { Io } from './io.ts';
import { type LogFormat, logrusLogger, renderLogrusText, renderTime } from './logrus.ts';
import { addPostPivotCommands } from './postPivotCommands.ts';
import { addSeedCommands } from './seedCommands.ts';
import { addSeedControllerCommand } from './seedControllerCommand.ts';
import { VERSION } from './version.ts';

interface GlobalOptions {
  readonly verbose: boolean;
  /** commander's form of `--no-color`. */
  readonly color: boolean;
  readonly logFormat: LogFormat;
}

/** Failures that another attempt would not mend; the unit of the first boot is not started again then. */
const LASTING = ['postpivot/given-up', 'postpivot/no-seed-data'];

/** lca-cli logs on standard output and answers 1 on any error, 3 where trying again is of no use. */
export async function lcaCliMain(argv: readonly string[], io: Io): Promise<number> {
  const program = lcaCliProgram(io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    tellFatal(error, program.opts<GlobalOptions>(), io);
    return error instanceof Failure && LASTING.includes(error.code) ? 3 : 1;
  }
}

/** The whole tree of lifecycle-agent 4 that an installation needs. */
export function lcaCliProgram(io: Io): Command {
  const program = new Command('lca-cli')
    .description('Makes seed images of single-node clusters, installs them and gives clones their identity')
    .version(VERSION)
    .option('-v, --verbose', 'log more', false)
    .option('-c, --no-color', 'log without colours')
    .option('--log-format <format>', 'text or json', 'text')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  const logger = () => loggerOf(program.opts<GlobalOptions>(), io);
  addSeedCommands(program, { host: localHost, logger, io });
  addSeedControllerCommand(program, { host: localHost, logger, io });
  addIbiCommand(program, { host: localHost, logger, io });
  addPostPivotCommands(program, { host: localHost, logger, ...(io.terminal && { terminal: io.terminal }) });
  return program;
}

const loggerOf = ({ verbose, color, logFormat }: GlobalOptions, io: Io) =>
  logrusLogger({
    sink: io.stdout,
    level: verbose ? 'debug' : 'info',
    format: logFormat,
    color,
    now: io.now,
    timestamp: 'plain',
  });

/** The error as logrus' Fatal line; the way out as a line of its own; a stack for defects only. */
function tellFatal(error: unknown, { logFormat }: GlobalOptions, io: Io): void {
  const time = renderTime(io.now(), 'plain');
  const hint = hintOf(error);
  if (logFormat === 'json') {
    const fields = { time, level: 'fatal', msg: failureLine(error), ...(hint !== undefined && { hint }) };
    io.stdout.write(`${JSON.stringify(fields)}\n`);
  } else {
    io.stdout.write(`${renderLogrusText('fatal', failureLine(error), time)}\n`);
    if (hint !== undefined) io.stdout.write(`${renderLogrusText('info', `hint: ${hint}`, time)}\n`);
  }
  if (isDefect(error) && error instanceof Error) io.stderr.write(`${error.stack}\n`);
}
