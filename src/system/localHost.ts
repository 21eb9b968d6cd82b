import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, open, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import type { Host, LaunchOptions, RunningProgram, RunOptions, RunResult } from './host.ts';
import { localFiles } from './localFiles.ts';

const STDERR_KEPT = 1024;
/** Debian puts sfdisk, mkfs and friends outside an ordinary user's PATH. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

let launches = 0;

/** The machine this process runs on. */
export const localHost: Host = { run, start, launch, has, files: localFiles };

async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const program = start(argv, options);
  const chunks: Buffer[] = [];
  program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  program.stdin.on('error', () => {}); // a program may exit before it has read all of its input
  program.stdin.end(options.input);
  const result = await program.done;
  return { ...result, stdout: Buffer.concat(chunks).toString('utf8') };
}

function start(argv: readonly string[], options: RunOptions = {}): RunningProgram {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('empty argv');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
    timeout: options.timeoutSeconds === undefined ? undefined : options.timeoutSeconds * 1000,
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-64 * STDERR_KEPT);
  });
  const done = new Promise<RunResult>((resolve, reject) => {
    child.on('error', (cause) => reject(couldNotStart(argv, cause)));
    child.on('close', (code, signal) => {
      const result = { code: code ?? 128, stdout: '', stderr };
      if ((options.okCodes ?? [0]).includes(result.code) && signal === null) resolve(result);
      else reject(commandFailed(argv, result, signal));
    });
  });
  return {
    pid: child.pid ?? -1,
    stdin: child.stdin,
    stdout: child.stdout,
    done,
    kill: (signal) => child.kill(signal),
  };
}

async function launch(argv: readonly string[], options: LaunchOptions): Promise<number> {
  if (options.cgroups === undefined) return launchNow(argv, options);
  const [program = ''] = argv;
  if (!(await has(program))) throw couldNotStart(argv, Object.assign(new Error(), { code: 'ENOENT' }));
  const gate = `${options.log}.${process.pid}-${++launches}.gate`;
  await run(['mkfifo', '--mode=0600', gate]);
  try {
    const pid = await launchNow(['flock', '--no-fork', gate, ...argv], options);
    await passGate(gate, pid, options.cgroups);
    return pid;
  } finally {
    await rm(gate, { force: true });
  }
}

/**
 * systemd-nspawn reads its control group once, at its start, so it must be there before. What waits for that is
 * `flock`, which becomes the program as soon as it has opened the file it locks; this one is a FIFO, and its opening
 * waits for ours.
 */
async function passGate(gate: string, pid: number, cgroups: readonly string[]): Promise<void> {
  try {
    for (const directory of cgroups) await writeFile(join(directory, 'cgroup.procs'), String(pid));
    while (!(await openGate(gate))) {
      process.kill(pid, 0); // throws when it has ended
      await sleep(1);
    }
  } catch (error) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {}
    throw error;
  }
}

/** False as long as the other side has not come to its opening of the FIFO. */
async function openGate(gate: string): Promise<boolean> {
  try {
    await (await open(gate, constants.O_WRONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}

async function launchNow(argv: readonly string[], options: LaunchOptions): Promise<number> {
  const [program = '', ...args] = argv;
  const log = await open(options.log, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      env: environment(options.env),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn').catch((cause: Error) => {
      throw couldNotStart(argv, cause);
    });
    child.unref();
    return child.pid ?? -1;
  } finally {
    await log.close();
  }
}

async function has(program: string): Promise<boolean> {
  for (const directory of searchPath()) {
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {}
  }
  return false;
}

const environment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: searchPath().join(delimiter),
  ...extra,
});

function searchPath(): string[] {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '');
  return [...own, ...SYSTEM_PATH.filter((entry) => !own.includes(entry))];
}

function couldNotStart(argv: readonly string[], cause: Error & { code?: string }): Failure {
  const missing = cause.code === 'ENOENT';
  return new Failure({
    code: missing ? 'system/program-missing' : 'system/command-not-started',
    message: missing ? `program ${argv[0]} is not installed` : `could not start ${argv[0]}: ${cause.message}`,
    ...(missing && { hint: `install the package that has ${argv[0]} and try again` }),
    cause,
    facts: { command: pasteable(argv) },
  });
}

/** The one place where a failed command becomes a Failure. */
export function commandFailed(argv: readonly string[], result: RunResult, signal: string | null): Failure {
  const how = signal === null ? `exit code ${result.code}` : `signal ${signal}`;
  const tail = result.stderr.trim().slice(-STDERR_KEPT);
  return new Failure({
    code: 'system/command-failed',
    message: `${pasteable(argv)} failed with ${how}${tail === '' ? '' : `: ${tail}`}`,
    facts: { command: pasteable(argv), code: result.code, signal, stderr: tail },
  });
}

/** A command line that a person can paste into a shell. */
export function pasteable(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
