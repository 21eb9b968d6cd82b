import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegistriesConf } from './registriesConf.ts';

test('reads registries with their mirrors and skips the rest', () => {
  const text = `
unqualified-search-registries = ["a.test"]
[[registry]]
  prefix = ""
  location = "quay.test/release" # comment
  insecure = false
  [[registry.mirror]]
    location = 'mirror.test:5000/release'
    insecure = true
[registries.search]
location = "not this"
[[registry]]
prefix="plain.test"
location="real.test"
insecure=true
`;
  expect(parseRegistriesConf(text)).toEqual([
    {
      prefix: 'quay.test/release',
      location: 'quay.test/release',
      insecure: false,
      mirrors: [{ location: 'mirror.test:5000/release', insecure: true }],
    },
    { prefix: 'plain.test', location: 'real.test', insecure: true, mirrors: [] },
  ]);
});

test('any text is read, and every entry found has a place to fetch from', () => {
  const line = fc.constantFrom(
    '[[registry]]',
    '[[registry.mirror]]',
    'location = "a.test"',
    'insecure = true',
    '[x]',
    'prefix=""',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
      for (const entry of parseRegistriesConf(lines.join('\n'))) expect(entry.location).not.toBe('');
    }),
  );
});
