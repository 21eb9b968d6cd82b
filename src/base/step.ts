import type { Journal } from './journal.ts';

/** A named, resumable piece of a flow. */
export interface Step {
  /** Stable and readable: it is shown to people and stands in journals. */
  readonly name: string;
  run(): Promise<void>;
  /** Observes the world: true when the step's effect is already there. */
  isDone?(): Promise<boolean>;
  /**
   * Where the effect can't be observed, the journal decides; `input` is a digest of what the step works on.
   * A step with neither `isDone` nor `once` runs every time and must be repeatable.
   */
  readonly once?: { readonly input: string };
}

export type StepOutcome = 'ran' | 'already-done' | 'failed';

/** Told about every step and waited for; `cli` renders it for people and as JSON events, stories keep records by it. */
export interface StepObserver {
  onStart?(name: string, index: number, total: number): void | Promise<void>;
  onEnd?(name: string, outcome: StepOutcome, seconds: number): void | Promise<void>;
}

export interface StepRunner {
  readonly observer?: StepObserver;
  readonly journal?: Journal;
  /** Monotonic seconds. */
  readonly clock: () => number;
}

/** Runs the steps in order and stops at the first that throws; what it threw is passed on unchanged. */
export async function runSteps(steps: readonly Step[], runner: StepRunner): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await runner.observer?.onStart?.(step.name, index, steps.length);
    const started = runner.clock();
    let outcome: StepOutcome = 'failed';
    try {
      outcome = await runStep(step, runner.journal);
    } finally {
      await runner.observer?.onEnd?.(step.name, outcome, runner.clock() - started);
    }
  }
}

async function runStep(step: Step, journal: Journal | undefined): Promise<StepOutcome> {
  if (step.once !== undefined && journal === undefined) {
    throw new Error(`step "${step.name}" runs once but the flow has no journal`);
  }
  if (step.once !== undefined && journal?.isDone(step.name, step.once.input)) return 'already-done';
  if (await step.isDone?.()) return 'already-done';
  if (step.once !== undefined) await journal?.start(step.name, step.once.input);
  await step.run();
  if (step.once !== undefined) await journal?.end(step.name, step.once.input);
  return 'ran';
}
