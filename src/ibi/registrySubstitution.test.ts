import { expect, test } from 'vitest';
import { planImages, replaceRegistry, shouldOverrideRegistry } from './registrySubstitution.ts';

test.each([
  ['a.test/x:1', 'b.test', 'a.test', 'b.test/x:1'],
  ['a.test/x:1', '', 'a.test', 'a.test/x:1'],
  ['a.test/x:1', 'b.test', '', 'a.test/x:1'],
  ['axtest/x:1', 'b.test', 'a.test', 'axtest/x:1'],
  ['a.test.org/x:1', 'b.test', 'a.test', 'a.test.org/x:1'],
  ['a.test:5000/x', 'b.test', 'a.test', 'a.test:5000/x'],
])('%s with target %j for source %j is %s', (image, target, source, expected) => {
  expect(replaceRegistry(image, { target, source })).toBe(expected);
});

test('without mirrors the seed decides, with mirrors the lack of one for its registry', () => {
  const facts = { seedReleaseRegistry: 'a.test', seedMirrorConfigured: true, mirrorSources: [] as string[] };
  expect(shouldOverrideRegistry(facts)).toBe(true);
  expect(shouldOverrideRegistry({ ...facts, seedMirrorConfigured: false })).toBe(false);
  expect(shouldOverrideRegistry({ ...facts, mirrorSources: ['a.test'] })).toBe(false);
  expect(shouldOverrideRegistry({ ...facts, mirrorSources: ['c.test'] })).toBe(true);
});

test('the list loses blank lines and what would be pulled twice', () => {
  const list = 'a.test/x\n\n  b.test/x \na.test/x';
  expect(planImages(list, undefined)).toEqual(['a.test/x', 'b.test/x']);
  expect(planImages(list, { source: 'a.test', target: 'b.test' })).toEqual(['b.test/x']);
});
