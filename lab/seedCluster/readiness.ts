import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';

/** `undefined` when it is so; otherwise what was found instead, in words for a person. */
export type Answer = string | undefined;

export interface ReadinessCheck {
  /** What is waited for, for example `the API server is ready`. */
  readonly name: string;
  readonly timeoutSeconds: number;
  /** Default 0.5. */
  readonly everySeconds?: number;
  ask(): Promise<Answer>;
}

/** Asks until it is so. Failure `lab/not-ready` says what was waited for, how long, and the last answer. */
export async function waitUntilReady(check: ReadinessCheck): Promise<void> {
  const end = performance.now() + check.timeoutSeconds * 1000;
  for (;;) {
    const answer = await check.ask();
    if (answer === undefined) return;
    if (performance.now() >= end) {
      throw new Failure({
        code: 'lab/not-ready',
        message: `waited ${check.timeoutSeconds} s until ${check.name}; last answer: ${answer}`,
        hint: 'look at the kubelet and the containers on the host: `sower lab logs`',
        facts: { check: check.name },
      });
    }
    await sleep((check.everySeconds ?? 0.5) * 1000);
  }
}
