import { expect, test } from 'vitest';
import { renderElapsed } from './elapsed.ts';

test.each([
  [400, '0s'],
  [59_600, '1m0s'],
  [65_000, '1m5s'],
  [1_200_000, '20m0s'],
  [3_600_000, '1h0m0s'],
  [7_265_000, '2h1m5s'],
])('%d ms are told as %s', (milliseconds, text) => {
  expect(renderElapsed(milliseconds)).toBe(text);
});
