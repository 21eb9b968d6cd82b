import { expect, test } from 'vitest';
import { journalFile } from './journalFile.ts';
import { MemoryFiles } from './testing.ts';

test('what is left of a last line is not read, and not continued', async () => {
  const files = new MemoryFiles({ '/journal': '{"a":1}\n{"b"' });
  const journal = journalFile(files, '/journal');
  expect(await journal.lines()).toEqual(['{"a":1}']);
  await journal.append('{"c":3}');
  expect(await journal.lines()).toEqual(['{"a":1}', '{"c":3}']);
});

test('a journal that nobody has written yet has no lines, and is not made', async () => {
  const files = new MemoryFiles({});
  expect(await journalFile(files, '/journal').lines()).toEqual([]);
  expect(await files.exists('/journal')).toBe(false);
});
