import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeOid, encodeSequence, encodeTlv, readChildren, TAG } from '#formats/der.ts';
import { encodeName, goName, mapCommonNames, parseName } from './names.ts';
import { OID } from './oids.ts';

const attribute = (oid: string, tag: number, content: Buffer): Buffer =>
  encodeSequence(encodeOid(oid), encodeTlv(tag, content));
const nameOf = (...rdns: Buffer[][]): Buffer =>
  encodeSequence(...rdns.map((rdn) => encodeTlv(TAG.set, ...rdn)));

/** Tag of the value of the only attribute of the only RDN. */
function valueTag(name: Buffer): number | undefined {
  let at = readChildren(name)[0]!;
  for (let level = 0; level < 2; level++) at = readChildren(at.content)[0]!;
  return readChildren(at.content)[1]?.tag;
}

test('any names survive', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, fc.array(text), (commonName, organization) => {
      const name = parseName(encodeName(goName({ commonName, organization })));
      expect(name.commonName).toBe(commonName);
      const organizations = name.attributes.filter(({ oid }) => oid === OID.organization);
      expect(organizations.map(({ value }) => value).sort()).toEqual([...organization].sort());
    }),
  );
});

test('the shape is that of Go: O, OU, CN, one RDN for all values of an attribute', () => {
  const name = encodeName(goName({ commonName: 'c', organization: ['p', 'o'], organizationalUnit: ['u'] }));
  const expected = nameOf(
    ['o', 'p'].map((value) => attribute(OID.organization, TAG.printableString, Buffer.from(value))),
    [attribute(OID.organizationalUnit, TAG.printableString, Buffer.from('u'))],
    [attribute(OID.commonName, TAG.printableString, Buffer.from('c'))],
  );
  expect(name.equals(expected)).toBe(true);
});

test('the friendly name has a fixed order and leaves other attributes out', () => {
  const { friendly } = parseName(
    encodeName(
      [
        [OID.country, 'C'],
        [OID.stateOrProvince, 'ST'],
        [OID.serialNumber, '7'],
        [OID.organization, 'Or'],
        [OID.locality, 'Lo'],
        [OID.organizationalUnit, 'Un'],
        [OID.commonName, 'Co'],
      ].map(([oid = '', value = '']) => [{ oid, value }]),
    ),
  );
  expect(friendly).toBe('CN=Co, OU=Un, O=Or, L=Lo, S=ST, C=C');
});

test('two common names are none', () => {
  const cn = (value: string) => attribute(OID.commonName, TAG.utf8String, Buffer.from(value));
  expect(parseName(nameOf([cn('a')], [cn('b')])).commonName).toBeUndefined();
});

test.each([
  ['PrintableString', TAG.printableString, TAG.printableString, 'new.example'],
  ['UTF8String', TAG.utf8String, TAG.utf8String, 'new.example'],
  ['TeletexString', TAG.teletexString, TAG.teletexString, 'new.example'],
  ['IA5String', TAG.ia5String, TAG.ia5String, 'new@example'],
  ['BMPString', TAG.bmpString, TAG.bmpString, 'neu-ß'],
  ['PrintableString that cannot hold the value', TAG.printableString, TAG.utf8String, 'new@example'],
])('a CN keeps its string type: %s', (_, before, after, value) => {
  const old = before === TAG.bmpString ? Buffer.from('old', 'utf16le').swap16() : Buffer.from('old');
  const mapped = mapCommonNames(nameOf([attribute(OID.commonName, before, old)]), (cn) =>
    cn === 'old' ? value : 'not read',
  );
  expect(parseName(mapped).commonName).toBe(value);
  expect(valueTag(mapped)).toBe(after);
});

test('what is no changed CN keeps its bytes, values that are no strings and unsorted sets included', () => {
  const odd = nameOf(
    [attribute(OID.organization, TAG.integer, Buffer.from([5]))],
    ['z', 'a'].map((value) => attribute(OID.organization, TAG.utf8String, Buffer.from(value))),
    [attribute(OID.commonName, TAG.utf8String, Buffer.from('x'))],
  );
  expect(mapCommonNames(odd, (cn) => cn)).toBe(odd);
  const there = mapCommonNames(odd, () => 'longer name');
  expect(mapCommonNames(there, () => 'x').equals(odd)).toBe(true);
});
