import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegistriesConf, renderRegistriesConf } from './registriesConf.ts';

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

test('writes mirrors that the reader gives back, those of one location together', () => {
  const text = renderRegistriesConf([
    { location: 'a.test/one', mirrors: ['m.test/one'] },
    { location: 'b.test', mirrors: ['m.test:5000/b'] },
    { location: 'a.test/one', mirrors: ['n.test/one'] },
    { location: 'c.test', mirrors: [] },
  ]);
  expect(
    parseRegistriesConf(text).map(({ location, mirrors }) => [location, mirrors.map((m) => m.location)]),
  ).toEqual([
    ['a.test/one', ['m.test/one', 'n.test/one']],
    ['b.test', ['m.test:5000/b']],
  ]);
  expect(text.match(/mirror-by-digest-only = true/g)).toHaveLength(2);
});
