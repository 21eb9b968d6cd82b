import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '#base/failure.ts';
import { pasteable } from '#system/localHost.ts';

const TAIL_LINES = 30;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface CommandOptions {
  readonly cwd?: string;
  /** Laid over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Added to the scheduling priority; 0 is ours, 19 the lowest. */
  readonly nice?: number;
}

/**
 * Runs a program whose output (both streams) goes to the end of the log file, as builders do.
 * A Failure `lab/build-command-failed` shows the end of the log and its path.
 */
export async function runLogged(
  log: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<void> {
  await mkdir(dirname(log), { recursive: true });
  const file = await open(log, 'a');
  try {
    await file.write(`+ ${pasteable(argv)}\n`);
    const code = await exitCode(argv, options, file.fd);
    if (code !== 0) throw await commandFailed(log, argv, code);
  } finally {
    await file.close();
  }
}

async function exitCode(argv: readonly string[], options: CommandOptions, output: number): Promise<unknown> {
  const words = options.nice ? ['nice', '-n', String(options.nice), ...argv] : argv;
  const [program, ...args] = words;
  if (program === undefined) throw new Error('empty argv');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: SYSTEM_PATH, LC_ALL: 'C.UTF-8', ...options.env },
    stdio: ['ignore', output, output],
  });
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}

async function commandFailed(log: string, argv: readonly string[], code: unknown): Promise<Failure> {
  const tail = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  return new Failure({
    code: 'lab/build-command-failed',
    message: `${pasteable(argv)} ended with ${code}; the end of ${log}:\n${tail}`,
    hint: `read the whole log: ${log}`,
    facts: { command: pasteable(argv), log },
  });
}
