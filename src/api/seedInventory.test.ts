import { expect, test } from 'vitest';
import { errorsOf, renderProblem } from '#base/report.ts';
import {
  findInventoryProblems,
  parseSeedInventory,
  renderSeedInventory,
  type SeedInventory,
  unpackedBytesOf,
} from './seedInventory.ts';

const inventory: SeedInventory = {
  members: [
    { name: 'manifest.json', mode: 0o600, size: 3, sha256: 'a'.repeat(64) },
    { name: 'var.tgz', mode: 0o600, size: 7, sha256: 'b'.repeat(64), unpackedBytes: 70 },
    { name: 'etc.tgz', mode: 0o600, size: 5, sha256: 'c'.repeat(64), unpackedBytes: 50 },
  ],
};

test('what is rendered is read back', () => {
  expect(parseSeedInventory(renderSeedInventory(inventory))).toEqual({
    ok: true,
    value: inventory,
    report: [],
  });
});

test.each([
  ['{"version":2,"members":[]}', 'version: expected 1'],
  ['{"version":1}', 'members: expected a list'],
  [
    '{"version":1,"members":[{"name":"a","mode":"0900","size":1,"sha256":"x"}]}',
    'members[0].mode: expected an octal mode',
  ],
  [
    renderSeedInventory({ members: [inventory.members[0]!, inventory.members[0]!] }),
    'members: manifest.json is listed twice',
  ],
])('%s is refused', (label, why) => {
  const parsed = parseSeedInventory(label);
  expect(parsed.ok).toBe(false);
  expect(errorsOf(parsed.report).map(renderProblem).join('\n')).toContain(why);
});

test('fields of later versions are no reason to refuse', () => {
  const later = JSON.stringify({ version: 1, members: [], news: 1 });
  expect(parseSeedInventory(later)).toMatchObject({ ok: true, value: { members: [] } });
});

test('every difference is named', () => {
  const [manifest, varArchive, etcArchive] = inventory.members;
  expect(findInventoryProblems(inventory, inventory.members)).toEqual([]);
  const found = [
    { ...manifest!, mode: 0o644 },
    { ...varArchive!, size: 8, sha256: 'd'.repeat(64) },
    { ...etcArchive!, name: 'other' },
  ];
  expect(findInventoryProblems(inventory, found).map(renderProblem)).toEqual([
    'manifest.json: has the mode 0644 instead of 0600',
    'var.tgz: has 8 bytes instead of 7',
    `var.tgz: has the digest ${'d'.repeat(64)} instead of ${'b'.repeat(64)}`,
    'etc.tgz: is in the inventory and not in the image',
    'other: is in the image and not in its inventory',
  ]);
});

test('the size of several archives is known only if that of each is', () => {
  expect(unpackedBytesOf(inventory, ['var.tgz', 'etc.tgz'])).toBe(120);
  expect(unpackedBytesOf(inventory, ['var.tgz', 'manifest.json'])).toBeUndefined();
});
