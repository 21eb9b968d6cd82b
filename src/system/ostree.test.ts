import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfigDiff, parseOstreeStatus } from './ostree.ts';

const sha = (digit: string): string => digit.repeat(64);

test('reads deployments with marks, versions and origins', () => {
  const text = [
    `  rhcos_4.19.0_rc.1 ${sha('b')}.1 (pending)`,
    '    Version: 4.19',
    '    origin refspec: <unknown origin type>',
    `* my-os ${sha('a')}.0`,
    '',
  ].join('\n');
  expect(parseOstreeStatus(text)).toMatchObject([
    { index: 0, osname: 'rhcos_4.19.0_rc.1', serial: 1, booted: false, version: '4.19' },
    { index: 1, osname: 'my-os', checksum: sha('a'), booted: true, version: '', refspec: '' },
  ]);
  expect(parseOstreeStatus('No deployments.\n')).toEqual([]);
});

test('names with blanks and newlines survive', () => {
  expect(parseConfigDiff('M    hosts\nA    with blank\nA    two\nlines\nD    gone\n')).toEqual([
    { change: 'modified', path: 'hosts' },
    { change: 'added', path: 'with blank' },
    { change: 'added', path: 'two\nlines' },
    { change: 'deleted', path: 'gone' },
  ]);
  expect(parseConfigDiff('')).toEqual([]);
});

test('any name without a mark of its own comes back', () => {
  const name = fc.string({ minLength: 1 }).filter((s) => !/\n[AMD] {4}/.test(s));
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const text = names.map((n) => `A    ${n}\n`).join('');
      expect(parseConfigDiff(text).map((c) => c.path)).toEqual(names);
    }),
  );
});
