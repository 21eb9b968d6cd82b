import { renderElapsed } from '#base/elapsed.ts';

/** Time, so that tests need not wait. */
export interface Clock {
  now(): Date;
  /** Rejects when the person who waits has enough. */
  sleep(milliseconds: number): Promise<void>;
}

export const MINUTE = 60_000;

/** How long something may take, and how it is told: `up to 20m0s (until 3:04PM UTC)`. */
export interface Deadline {
  readonly at: Date;
  readonly text: string;
}

/** A deadline that many minutes from now. */
export function deadlineIn(clock: Clock, minutes: number): Deadline {
  const at = new Date(clock.now().getTime() + minutes * MINUTE);
  const hours = at.getUTCHours();
  const half = hours < 12 ? 'AM' : 'PM';
  const time = `${hours % 12 === 0 ? 12 : hours % 12}:${String(at.getUTCMinutes()).padStart(2, '0')}${half} UTC`;
  return { at, text: `up to ${renderElapsed(minutes * MINUTE)} (until ${time})` };
}

/** What upstream's library says when time is over. */
export const TIMED_OUT = 'timed out waiting for the condition';

/**
 * Looks until there is an answer: at least once, and then in pauses until the deadline, which is for ever where there is
 * none. Undefined: there was no answer in time.
 */
export async function pollUntil<T>(
  clock: Clock,
  { pause, deadline }: { readonly pause: number; readonly deadline?: Deadline },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (deadline !== undefined && clock.now().getTime() + pause > deadline.at.getTime()) return undefined;
    await clock.sleep(pause);
  }
}
