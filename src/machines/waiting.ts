import { setTimeout as sleep } from 'node:timers/promises';

export interface Waiting {
  readonly timeoutSeconds: number;
  /** Default 0.1. */
  readonly everySeconds?: number;
}

/** Asks until the answer is something, and gives it; `undefined` when the time is over. Asks at least once. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  waiting: Waiting,
): Promise<T | undefined> {
  const end = performance.now() + waiting.timeoutSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= end) return answer;
    await sleep((waiting.everySeconds ?? 0.1) * 1000);
  }
}

/** True as soon as the condition holds, false when the time is over. */
export async function waitUntil(condition: () => Promise<boolean>, waiting: Waiting): Promise<boolean> {
  return (await waitFor(async () => ((await condition()) ? true : undefined), waiting)) ?? false;
}
