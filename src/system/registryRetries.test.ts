import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { withRetries } from './registryRetries.ts';

const failing = (what: string, facts: Failure['facts'] = {}): Failure =>
  new Failure({ code: `system/registry-${what}`, message: what, facts });

/** Fails with each of these in turn, then answers; the pauses that were announced come back too. */
async function run(failures: readonly Failure[], progress: readonly number[] = []) {
  const pauses: number[] = [];
  let calls = 0;
  const retries = {
    attempts: 3,
    firstPauseSeconds: 0.001,
    onRetry: (_: string, pause: number) => void pauses.push(pause),
  };
  const attempt = async (): Promise<string> => {
    const failure = failures[calls++];
    if (failure !== undefined) throw failure;
    return 'done';
  };
  const answer = await withRetries(retries, attempt, () => progress[calls] ?? 0).catch(
    (error: unknown) => error,
  );
  return { answer, calls, pauses };
}

test('pauses grow', async () => {
  expect(await run([failing('cut'), failing('stalled')])).toEqual({
    ...{ answer: 'done', calls: 3, pauses: [0.001, 0.002] },
  });
});

test('a registry that asks for a longer pause gets it', async () => {
  const { pauses } = await run([failing('busy', { retryAfterSeconds: 0.01 })]);
  expect(pauses).toEqual([0.01]);
});

test.each(['unauthorized', 'has-no-image', 'untrusted'])('%s stays so', async (what) => {
  const { answer, calls } = await run([failing(what)]);
  expect([(answer as Failure).message, calls]).toEqual([what, 1]);
});

test('attempts that bring nothing are counted, and those that bring something begin the count anew', async () => {
  const cuts = Array.from({ length: 5 }, () => failing('cut'));
  expect((await run(cuts)).calls).toBe(3);
  expect(await run(cuts, [0, 1, 2, 3, 4, 5])).toMatchObject({ answer: 'done', calls: 6 });
});
