import { expect, test } from 'vitest';
import { parseInspection, pinnedTo } from './registry.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['r.test/x', 'r.test/x'],
  ['r.test/x:tag', 'r.test/x'],
  ['r.test:5000/x', 'r.test:5000/x'],
  ['r.test:5000/x/y:tag', 'r.test:5000/x/y'],
  [`r.test/x@sha256:${'b'.repeat(64)}`, 'r.test/x'],
  [`r.test/x:tag@sha256:${'b'.repeat(64)}`, 'r.test/x'],
])('%s is pinned', (image, name) => expect(pinnedTo(image, DIGEST)).toBe(`${name}@${DIGEST}`));

test('sizes that a registry does not tell count as nothing', () => {
  const json = JSON.stringify({ Digest: DIGEST, Labels: null, LayersData: [{ Size: 5 }, { Size: -1 }, {}] });
  expect(parseInspection(json)).toEqual({ digest: DIGEST, labels: {}, architecture: '', layerBytes: 5 });
});
