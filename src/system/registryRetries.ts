import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';

export interface Retries {
  /** Attempts in a row that bring nothing. */
  readonly attempts: number;
  /** Before the second attempt; doubled for each further one. */
  readonly firstPauseSeconds: number;
  /** Told before each pause. */
  readonly onRetry?: (reason: string, pauseSeconds: number) => void;
}

const LONGEST_PAUSE_SECONDS = 30;

/** Failures that another attempt can help against; what is refused, missing or not trusted stays so. */
const PASSING = ['busy', 'failing', 'stalled', 'cut', 'unreachable', 'blob-corrupt'];

const isPassing = (error: unknown): error is Failure =>
  error instanceof Failure && PASSING.some((what) => error.code === `system/registry-${what}`);

/**
 * Tries until it works, the reason is one that stays, or nothing came for the given number of attempts in a row.
 * `progress` is what is there so far: more of it starts the count anew.
 */
export async function withRetries<T>(
  retries: Retries,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  let before = progress();
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      const now = progress();
      if (now > before) failed = 1;
      before = now;
      if (!isPassing(error) || failed >= retries.attempts) throw error;
      const asked = Number(error.facts['retryAfterSeconds'] ?? 0);
      const pause = Math.min(
        Math.max(retries.firstPauseSeconds * 2 ** (failed - 1), asked),
        LONGEST_PAUSE_SECONDS,
      );
      retries.onRetry?.(error.message, pause);
      await sleep(pause * 1000);
    }
  }
}
