import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { FUZZ_TARGETS } from './fuzzTargets.ts';
import type { FuzzOrder, FuzzOutcome } from './fuzzWorker.ts';

/** Longer: `FUZZ_SECONDS=600`; other inputs: `FUZZ_CASE=1000000`; one input again: `FUZZ_CASE=123 FUZZ_SECONDS=0`. */
const FIRST = Number(process.env['FUZZ_CASE'] ?? 1);
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 30);
/** No input takes a thousandth of this. */
const HANGING_SECONDS = 60;

/** Fuzzes in a thread that can be ended; rejects with the number of the case that hangs. */
function fuzz(): Promise<FuzzOutcome> {
  const progress = new SharedArrayBuffer(4);
  const workerData: FuzzOrder = { first: FIRST, seconds: SECONDS, progress };
  const worker = new Worker(join(import.meta.dirname, 'fuzzWorker.ts'), { workerData });
  return new Promise<FuzzOutcome>((resolve, reject) => {
    let last = -1;
    const watch = setInterval(() => {
      const number = Atomics.load(new Int32Array(progress), 0);
      if (number === last) reject(new Error(`hangs: FUZZ_CASE=${number}`));
      last = number;
    }, HANGING_SECONDS * 1000);
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => clearInterval(watch));
  }).finally(() => worker.terminate());
}

test(
  'damaged input is taken or refused, and what is not understood stays as it is',
  async () => {
    const { cases, taken, broken } = await fuzz();
    console.info(`${cases} inputs; taken:`, taken);
    expect(broken).toEqual([]);
    // A target that refuses everything would be tested for nothing.
    if (SECONDS > 0) expect(Object.keys(taken).sort()).toEqual(FUZZ_TARGETS.map(({ name }) => name).sort());
  },
  (SECONDS + 3 * HANGING_SECONDS) * 1000,
);
