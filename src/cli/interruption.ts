import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { type Logger, warn } from '#base/logger.ts';
import type { Clock } from '#installer/waiting/clock.ts';

/** What work that takes long gets, so that a person can end it. */
export interface Interruption {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** The exit code of the program depends on it. */
export const INTERRUPTED = 'cli/interrupted';

/**
 * Does the work until it is done or a signal comes, which ends its pauses, its programs and its connections. A second
 * signal ends the process at once.
 *
 * @throws Failure cli/interrupted
 */
export async function interruptible(
  logger: Logger,
  work: (interruption: Interruption) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void => {
    warn(logger, 'Received interrupt signal');
    forget();
    controller.abort();
  };
  const forget = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop);
  const clock: Clock = {
    now: () => new Date(),
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
  };
  try {
    await work({ signal, clock });
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new Failure({ code: INTERRUPTED, message: 'interrupted', cause });
  } finally {
    forget();
  }
}
