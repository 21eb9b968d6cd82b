import { setTimeout as sleep } from 'node:timers/promises';
import type { StageRecord, TimelineObserver } from '../timeline.ts';

const EVERY_SECONDS = 0.5;

/** Looks at the world again and again for as long as one stage of a flow runs. */
export class StageWatch<T> implements TimelineObserver {
  readonly #stage: string;
  readonly #look: () => Promise<T>;
  readonly #seen: T[] = [];
  #isRunning = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(stage: string, look: () => Promise<T>) {
    this.#stage = stage;
    this.#look = look;
  }

  onStart(name: string): void {
    if (name !== this.#stage) return;
    this.#isRunning = true;
    this.#looking = this.#lookOn();
    this.#looking.catch(() => {}); // told by `seen`
  }

  onEnd({ name }: StageRecord): void {
    if (name === this.#stage) this.#isRunning = false;
  }

  /** Everything that was seen, oldest first; rejects with what kept it from looking. */
  async seen(): Promise<readonly T[]> {
    await this.#looking;
    return this.#seen;
  }

  async #lookOn(): Promise<void> {
    while (this.#isRunning) {
      const found = await this.#look();
      if (this.#isRunning) this.#seen.push(found); // else the stage ended in the middle of it
      await sleep(EVERY_SECONDS * 1000);
    }
  }
}

/** Hands everything on to several observers. */
export const toAll = (...observers: readonly TimelineObserver[]): TimelineObserver => ({
  onStart: (name) => {
    for (const observer of observers) observer.onStart(name);
  },
  onEnd: (stage) => {
    for (const observer of observers) observer.onEnd(stage);
  },
});
