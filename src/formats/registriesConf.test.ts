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
location="plain.test"
insecure=true
`;
  expect(parseRegistriesConf(text)).toEqual([
    {
      location: 'quay.test/release',
      insecure: false,
      mirrors: [{ location: 'mirror.test:5000/release', insecure: true, mirrors: [] }],
    },
    { location: 'plain.test', insecure: true, mirrors: [] },
  ]);
});

test('anything that is not such a file has no registries', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(Array.isArray(parseRegistriesConf(text))).toBe(true)));
});
