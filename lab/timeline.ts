/** A finished stage of a lab flow. */
export interface StageRecord {
  readonly name: string;
  /** Seconds since the timeline began. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly outcome: 'done' | 'failed';
  /** What a person wants to know about the result: a size, a count, `cached`. */
  readonly note: string;
}

/** Told what happens as it happens; `cli` renders it. Stages may overlap. */
export interface TimelineObserver {
  onStart(name: string): void;
  onEnd(stage: StageRecord): void;
}

/** Runs the named stages of a flow and keeps their times; the flow itself reads as a list of `stage` calls. */
export class Timeline {
  readonly stages: StageRecord[] = [];
  readonly #observer: TimelineObserver;
  readonly #clock: () => number;
  readonly #began: number;

  /** @param clock monotonic seconds */
  constructor(observer: TimelineObserver, clock: () => number = () => performance.now() / 1000) {
    this.#observer = observer;
    this.#clock = clock;
    this.#began = clock();
  }

  /** Seconds since the timeline began. */
  elapsed(): number {
    return this.#clock() - this.#began;
  }

  async stage<T>(name: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
    this.#observer.onStart(name);
    const startedAt = this.elapsed();
    let note = '';
    let outcome: StageRecord['outcome'] = 'failed';
    try {
      const value = await work((text) => {
        note = text;
      });
      outcome = 'done';
      return value;
    } finally {
      const record = { name, startedAt, seconds: this.elapsed() - startedAt, outcome, note };
      this.stages.push(record);
      this.#observer.onEnd(record);
    }
  }
}
