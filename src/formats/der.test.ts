import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import {
  contextTag,
  decodeBitStringOctets,
  decodeBoolean,
  decodeInteger,
  decodeOid,
  encodeBitString,
  encodeBoolean,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTlv,
  readChildren,
  readTlv,
  readWhole,
  TAG,
} from './der.ts';

const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])(
  'an element of %i octets is read as written',
  (length) => {
    const content = Buffer.alloc(length, 7);
    const raw = encodeTlv(TAG.octetString, content);
    expect(readTlv(raw)).toMatchObject({ tag: TAG.octetString, start: 0, end: raw.length });
    expect(readWhole(raw, TAG.octetString, 'x').content.equals(content)).toBe(true);
  },
);

test('the children of a sequence are the elements it was made of', () => {
  fc.assert(
    fc.property(fc.array(octets), (contents) => {
      const parts = contents.map((content) => encodeTlv(contextTag(3), content));
      const { content } = readWhole(encodeSequence(...parts), TAG.sequence, 'x');
      expect(readChildren(content).map(({ raw }) => raw)).toEqual(parts);
    }),
  );
});

test('a SET OF has one encoding whatever the order of its elements', () => {
  fc.assert(
    fc.property(fc.array(octets), (contents) => {
      const parts = contents.map((content) => encodeTlv(TAG.octetString, content));
      expect(encodeSetOf(parts)).toEqual(encodeSetOf(parts.toReversed()));
    }),
  );
});

test('integers of any size and sign survive, in the least octets', () => {
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      const { content } = readTlv(encodeInteger(value));
      expect(decodeInteger(content)).toBe(value);
    }),
  );
  const encoded = [0n, 127n, 128n, 255n, 256n, -1n, -128n, -129n].map((n) =>
    encodeInteger(n).toString('hex'),
  );
  expect(encoded).toEqual([
    '020100',
    '02017f',
    '02020080',
    '020200ff',
    '02020100',
    '0201ff',
    '020180',
    '0202ff7f',
  ]);
});

test('object identifiers survive', () => {
  const arc = fc.bigInt({ min: 0n, max: 1n << 70n });
  const root = fc.oneof(
    fc.tuple(fc.constantFrom(0n, 1n), fc.bigInt({ min: 0n, max: 39n })),
    fc.tuple(fc.constant(2n), arc),
  );
  fc.assert(
    fc.property(root, fc.array(arc, { maxLength: 6 }), (head, rest) => {
      const dotted = [...head, ...rest].join('.');
      expect(decodeOid(readTlv(encodeOid(dotted)).content)).toBe(dotted);
    }),
  );
  expect(encodeOid('1.2.840.113549.1.1.11')).toEqual(hex('0609 2a864886f70d01010b'));
});

test.each(['', '1', '3.1', '1.40', '1.2.', '1.02', 'a.b'])('"%s" is no object identifier', (text) => {
  expect(() => encodeOid(text)).toThrow(Failure);
});

test('bit strings and booleans survive', () => {
  expect(decodeBitStringOctets(readTlv(encodeBitString(hex('a5'))), 'x')).toEqual(hex('a5'));
  expect([true, false].map((value) => decodeBoolean(readTlv(encodeBoolean(value))))).toEqual([true, false]);
});

test.each([
  ['nothing', ''],
  ['a tag alone', '30'],
  ['content cut off', '0403 0102'],
  ['an indefinite length', '3080 0000'],
  ['a length not minimal', '0481 05 0102030405'],
  ['a length with leading zero', '048200 80'],
  ['a length of five octets', '0485 0000000001 00'],
  ['a huge length', '0484 ffffffff'],
  ['a multi-octet tag', '1f8101 00'],
])('%s is malformed', (_, input) => {
  expect(() => readTlv(hex(input))).toThrow(Failure);
});

test.each([
  ['empty INTEGER', () => decodeInteger(hex(''))],
  ['padded INTEGER', () => decodeInteger(hex('0001'))],
  ['padded negative INTEGER', () => decodeInteger(hex('ff80'))],
  ['BOOLEAN that is neither', () => decodeBoolean(readTlv(hex('010101')))],
  ['BIT STRING with unused bits', () => decodeBitStringOctets(readTlv(hex('030201a4')), 'x')],
  ['empty OID', () => decodeOid(hex(''))],
  ['OID that ends within an arc', () => decodeOid(hex('2a86'))],
  ['OID arc with leading zeros', () => decodeOid(hex('2a8001'))],
  ['data after the element', () => readWhole(hex('0500 00'), TAG.null, 'x')],
  ['another tag', () => readWhole(hex('0500'), TAG.integer, 'x')],
])('%s is malformed', (_, read) => {
  expect(read).toThrow(Failure);
});

test('any bytes are read or refused with a Failure', () => {
  fc.assert(
    fc.property(octets, (bytes) => {
      try {
        const children = readChildren(bytes);
        expect(Buffer.concat(children.map(({ raw }) => raw))).toEqual(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
  );
});
