import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '#base/failure.ts';
import { Mutator } from './fuzzMutations.ts';
import { FUZZ_TARGETS } from './fuzzTargets.ts';

/** What the test asks for: cases from `first` on, for a time, or exactly one. */
export interface FuzzOrder {
  readonly first: number;
  readonly seconds: number;
  /** The number of the case that is under way, where the test can read it while this thread hangs. */
  readonly progress: SharedArrayBuffer;
}

export interface FuzzOutcome {
  readonly cases: number;
  /** How many inputs of each target were taken, not refused. */
  readonly taken: Readonly<Record<string, number>>;
  readonly broken: readonly { readonly what: string; readonly reason: string }[];
}

const MOST_BROKEN = 10;

/** Every case has a number, which decides its target and its bytes. */
function runCase(number: number): { name: string; isTaken: boolean; reason?: string } {
  const { name, samples, check } = FUZZ_TARGETS[number % FUZZ_TARGETS.length]!;
  const mutator = new Mutator(number);
  const bytes = mutator.damaged(samples);
  try {
    check(bytes, mutator);
    return { name, isTaken: true };
  } catch (error) {
    if (error instanceof Failure) return { name, isTaken: false };
    return { name, isTaken: false, reason: error instanceof Error ? `${error.stack}` : String(error) };
  }
}

function run({ first, seconds, progress }: FuzzOrder): FuzzOutcome {
  const current = new Int32Array(progress);
  const taken: Record<string, number> = {};
  const broken: { what: string; reason: string }[] = [];
  const end = performance.now() + seconds * 1000;
  let number = first;
  do {
    Atomics.store(current, 0, number);
    const { name, isTaken, reason } = runCase(number);
    if (isTaken) taken[name] = (taken[name] ?? 0) + 1;
    if (reason !== undefined)
      broken.push({ what: `${name}, FUZZ_CASE=${number}`, reason: reason.slice(0, 1500) });
    number++;
  } while (performance.now() < end && broken.length < MOST_BROKEN);
  return { cases: number - first, taken, broken };
}

parentPort?.postMessage(run(workerData as FuzzOrder));
