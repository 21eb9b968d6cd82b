import { expect, test } from 'vitest';
import type { Row } from '#lab/comparison/rows.ts';
import { renderComparison } from './comparisonTable.ts';

const row = (what: string, ok = true): Row => ({
  what,
  seed: 's'.repeat(64),
  clone: 'c'.repeat(64),
  expected: 'different',
  ok,
});
const render = (rows: readonly Row[], options = {}) =>
  renderComparison(
    { configurationSeconds: 12.34, rows },
    { all: false, color: false, columns: 80, ...options },
  );

test('things of which there are many are one line, with their number', () => {
  const text = render([row('signer a/b'), row('signer c/d'), row('node IP')]);
  expect(text).toMatch(/signers +2 fingerprints +2 fingerprints/);
  expect(text).not.toContain('a/b');
  expect(text).toContain('all 3 comparisons are as they should be; 12.3 s');
});

test('one that is not as it should be has a line of its own and is counted', () => {
  const text = render([row('signer a/b'), row('signer c/d', false), row('signer e/f')]);
  expect(text).toMatch(/✗ +signer c\/d/);
  expect(text).toContain('must be different');
  expect(text).toContain('1 of 3 comparisons are not as they should be');
});

test('with --all every line is there', () => {
  expect(render([row('signer a/b'), row('signer c/d')], { all: true })).toContain('signer c/d');
});

test('lines fit the terminal', () => {
  const lines = render([row('node IP'), row('cluster ID', false)])
    .split('\n')
    .slice(0, 5);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});
