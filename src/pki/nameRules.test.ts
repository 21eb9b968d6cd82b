import { expect, test } from 'vitest';
import { renameAltName, renameCommonName } from './nameRules.ts';

const rules = [
  { old: 'a.example', new: 'first.example' },
  { old: 'a.example', new: 'last.example' },
  { old: '192.0.2.1', new: 'not-an-address' },
  { old: '192.0.2.1', new: '192.0.2.9' },
  { old: '192.0.2.1', new: '192.0.2.10' },
  { old: '2001:db8:0:0::1', new: '2001:DB8::2' },
];

test('a common name is replaced as a whole, by the last rule', () => {
  expect(renameCommonName(rules, 'a.example')).toBe('last.example');
  expect(renameCommonName(rules, 'x.a.example')).toBe('x.a.example');
});

test.each([
  ['dns', 'a.example', 'last.example'],
  ['dns', '*.a.example', '*.a.example'],
  ['dns', '192.0.2.1', '192.0.2.10'],
  ['ip', '192.0.2.1', '192.0.2.9'],
  ['ip', '2001:db8::1', '2001:DB8::2'],
  ['ip', '192.0.2.2', '192.0.2.2'],
] as const)('%s %s becomes %s', (type, value, renamed) => {
  expect(renameAltName(rules, { type, value })).toEqual({ type, value: renamed });
});

test('a name without a rule is given back itself', () => {
  for (const name of [
    { type: 'dns', value: 'b' } as const,
    { type: 'other', raw: Buffer.alloc(2) } as const,
  ]) {
    expect(renameAltName(rules, name)).toBe(name);
  }
});
