import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, writeFileSync } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { Host, LaunchOptions, RunningProgram, RunOptions, RunResult } from './host.ts';
import { localFiles } from './localFiles.ts';

const STDERR_KEPT = 1024;
/** Debian puts sfdisk, mkfs and friends outside an ordinary user's PATH. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

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
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('empty argv');
  const log = await open(options.log, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      env: environment(options.env),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const spawned = once(child, 'spawn').catch((cause: Error) => {
      throw couldNotStart(argv, cause);
    });
    if (child.pid !== undefined) moveToCgroups(child.pid, options.cgroups ?? []);
    await spawned;
    child.unref();
    return child.pid ?? -1;
  } finally {
    await log.close();
  }
}

/** Held still by SIGSTOP meanwhile: systemd-nspawn reads its control group once, soon after its start. */
function moveToCgroups(pid: number, cgroups: readonly string[]): void {
  if (cgroups.length === 0) return;
  process.kill(pid, 'SIGSTOP');
  try {
    for (const directory of cgroups) writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  } catch (error) {
    process.kill(pid, 'SIGKILL');
    throw error;
  }
  process.kill(pid, 'SIGCONT');
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
