import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { named } from './failures.ts';

test.each([
  ['tar: x: Cannot write: No space left on device', 'ibi/disk-full'],
  ['could not write /x: ENOSPC', 'ibi/disk-full'],
  ['dd: writing: Input/output error', 'ibi/disk-damaged'],
])('%s is %s', (message, code) => {
  const cause = new Failure({ code: 'system/command-failed', message });
  expect(named(new Error('outer', { cause }))).toMatchObject({ code, hint: expect.stringMatching(/disk/) });
});

test('anything else stays what it is', () => {
  const error = new Error('space');
  expect(named(error)).toBe(error);
});
