import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  editPath,
  lengthDelimited,
  payloadOf,
  payloadsOf,
  readFields,
  readVarint,
  varint,
} from './protobufWire.ts';

const scalar = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.nat())
  .map(([number, value]) => Buffer.concat([varint(number * 8), varint(value)]));
const fixed = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.uint8Array({ minLength: 4, maxLength: 4 }))
  .map(([number, value]) => Buffer.concat([varint(number * 8 + 5), value]));
const delimited = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.uint8Array({ maxLength: 300 }))
  .map(([number, value]) => lengthDelimited(number, value));
const message = fc.array(fc.oneof(scalar, fixed, delimited)).map((fields) => Buffer.concat(fields));

describe('protobuf wire', () => {
  it('reads every field of a message and covers all of its bytes', () => {
    fc.assert(
      fc.property(message, (bytes) => {
        const fields = readFields(bytes);
        expect(fields).toBeDefined();
        expect(Buffer.concat(fields!.map((f) => bytes.subarray(f.start, f.end)))).toEqual(bytes);
      }),
    );
  });

  it('replaces a nested payload and keeps every other byte and the order', () => {
    fc.assert(
      fc.property(message, message, fc.uint8Array({ maxLength: 400 }), (before, after, payload) => {
        const outer = (inner: Uint8Array) =>
          Buffer.concat([before, lengthDelimited(6001, lengthDelimited(6002, inner)), after]);
        const edited = editPath(outer(Buffer.from('old')), [6001, 6002], () => payload);
        expect(edited).toEqual(outer(payload));
      }),
    );
  });

  it('drops a field where the edit says null and returns the same bytes where it says nothing', () => {
    const bytes = Buffer.concat([lengthDelimited(1, Buffer.from('a')), lengthDelimited(2, Buffer.from('b'))]);
    expect(editPath(bytes, [2], () => null)).toEqual(lengthDelimited(1, Buffer.from('a')));
    expect(editPath(bytes, [2], () => undefined)).toBe(bytes);
  });

  it('takes the last of repeated single fields and lists all of them', () => {
    const bytes = Buffer.concat([lengthDelimited(7, Buffer.from('x')), lengthDelimited(7, Buffer.from('y'))]);
    expect(payloadOf(bytes, 7)?.toString()).toBe('y');
    expect(payloadsOf(bytes, 7).map(String)).toEqual(['x', 'y']);
  });

  it('never throws and never reads outside on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const field of readFields(bytes) ?? []) expect(field.to).toBeLessThanOrEqual(bytes.length);
        editPath(bytes, [1, 2], () => Buffer.from('z'));
      }),
    );
  });

  it.each([
    ['a group', [0x0b]],
    ['field number zero', [0x02, 0x00]],
    ['a length past the end', [0x0a, 0x05, 0x00]],
    ['an endless varint', Array.from({ length: 12 }, () => 0xff)],
    ['a cut fixed64', [0x09, 1, 2, 3]],
  ])('refuses %s', (_what, bytes) => {
    expect(readFields(Uint8Array.from(bytes))).toBeUndefined();
  });

  it('round-trips varints', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(readVarint(varint(value), 0)?.value).toBe(value);
      }),
    );
  });
});
