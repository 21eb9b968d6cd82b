import { expect, test } from 'vitest';
import { renderProblem } from '#base/report.ts';
import { isFinished, readSeedGeneratorSpec, type SeedGeneratorStatus, statusAfter } from './seedGenerator.ts';

const at = (seconds: number): Date => new Date(seconds * 1000);
const time = (seconds: number): string => `1970-01-01T00:00:${String(seconds).padStart(2, '0')}Z`;

const running = (phase: string, seconds: number, before?: SeedGeneratorStatus, detail?: string) =>
  statusAfter(
    { state: 'running', phase, ...(detail !== undefined && { detail }) },
    { before, generation: 1, now: at(seconds) },
  );

test('a condition keeps its time while only its message changes, and phases follow each other without gaps', () => {
  const first = running('Waiting', 1);
  const waiting = running('Waiting', 2, first, 'node: not ready');
  expect(waiting.phases).toEqual([{ phase: 'Waiting', startedAt: time(1) }]);
  const second = running('Launching', 5, waiting);
  expect(second.conditions).toEqual([
    {
      ...{ type: 'SeedGenInProgress', status: 'True', reason: 'InProgress', message: 'Launching' },
      ...{ lastTransitionTime: time(1), observedGeneration: 1 },
    },
  ]);
  expect(second.phases).toEqual([
    { phase: 'Waiting', startedAt: time(1), completedAt: time(5) },
    { phase: 'Launching', startedAt: time(5) },
  ]);
  expect(isFinished(second)).toBe(false);
  const done = statusAfter({ state: 'completed' }, { before: second, generation: 1, now: at(9) });
  expect(done).toMatchObject({ startedAt: time(1), completedAt: time(9) });
  expect(done.conditions.map((c) => [c.type, c.status, c.reason, c.lastTransitionTime])).toEqual([
    ['SeedGenInProgress', 'False', 'Completed', time(9)],
    ['SeedGenCompleted', 'True', 'Completed', time(9)],
  ]);
  expect(done.phases.at(-1)).toEqual({ phase: 'Launching', startedAt: time(5), completedAt: time(9) });
  expect(isFinished(done)).toBe(true);
});

test('a failure makes both conditions false, with the reason on the last one, and is an end too', () => {
  const facts = { before: running('Waiting', 1), generation: 2, now: at(3) };
  const failed = statusAfter({ state: 'failed', message: 'no disk' }, facts);
  expect(failed.conditions.map((c) => [c.type, c.status, c.reason])).toEqual([
    ['SeedGenInProgress', 'False', 'Failed'],
    ['SeedGenCompleted', 'False', 'Failed'],
  ]);
  expect(failed.conditions.at(-1)?.message).toBe('Seed generation failed: no disk');
  expect(isFinished(failed)).toBe(true);
});

test.each([
  [{ seedImage: 'r.test/x:1' }, { seedImage: 'r.test/x:1', recertImage: undefined }],
  [
    { seedImage: 'docker://r.test/x:1', recertImage: 'y' },
    { seedImage: 'docker://r.test/x:1', recertImage: 'y' },
  ],
  [
    { seedImage: 'x', recertImage: '' },
    { seedImage: 'x', recertImage: undefined },
  ],
])('%j is read', (spec, read) => expect(readSeedGeneratorSpec(spec)).toEqual(read));

test.each([
  [undefined, 'spec.seedImage: must be a pull spec'],
  [{ seedImage: 'two words' }, 'spec.seedImage: must be a pull spec'],
  [{ seedImage: 'x', recertImage: 5 }, 'spec.recertImage: must be a pull spec'],
])('%j is refused', (spec, told) => {
  const read = readSeedGeneratorSpec(spec);
  expect('seedImage' in read ? [] : read.map(renderProblem)).toEqual([told]);
});
