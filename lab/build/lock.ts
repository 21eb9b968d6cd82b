import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure } from '#base/failure.ts';

/** Held until released or until this process ends, however it ends. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock on `path` (created when missing) and waits for it as long as it takes.
 * Node has no flock(2), so util-linux's `flock` holds it around a `cat` that lives as long as its input is open:
 * when this process dies the pipe closes, `cat` ends and the kernel drops the lock. No stale lock can remain.
 */
export async function acquireLock(path: string, onWait: () => void): Promise<FileLock> {
  const holder = spawn('flock', ['--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'close');
  const couldNotStart = once(holder, 'error').then(([cause]: unknown[]) => {
    throw new Failure({
      code: 'lab/lock-not-taken',
      message: `could not lock ${path} with flock`,
      hint: 'install the package util-linux',
      cause,
    });
  });
  const waiting = setTimeout(onWait, 500);
  holder.stdin.write('.');
  const answered = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    ended.then(() => false),
    couldNotStart,
  ]).finally(() => clearTimeout(waiting));
  couldNotStart.catch(() => {});
  if (!answered) throw new Failure({ code: 'lab/lock-not-taken', message: `could not lock ${path}` });
  return {
    async release() {
      holder.stdin.end();
      await ended;
    },
  };
}
