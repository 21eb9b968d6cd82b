import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { encodeTlv, readTlv, TAG } from './der.ts';
import { decodeTime, encodeTime } from './derTime.ts';

const wholeSeconds = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

test('every second of four-digit years survives, as UTCTime from 1950 to 2049 only', () => {
  fc.assert(
    fc.property(wholeSeconds, (date) => {
      const year = date.getUTCFullYear();
      const type = year >= 1950 && year < 2050 ? 'UTCTime' : 'GeneralizedTime';
      expect(decodeTime(readTlv(encodeTime(date)))).toEqual({ date, type });
    }),
  );
});

test.each([
  ['1949-12-31T23:59:59Z', '19491231235959Z'],
  ['1950-01-01T00:00:00Z', '500101000000Z'],
  ['2049-12-31T23:59:59.999Z', '491231235959Z'],
  ['2050-01-01T00:00:00Z', '20500101000000Z'],
])('%s is written as %s', (iso, text) => {
  const tlv = readTlv(encodeTime(new Date(iso)));
  expect(tlv.content.toString()).toBe(text);
  expect(decodeTime(tlv).date.toISOString()).toBe(iso.replace(/(\.\d+)?Z$/, '.000Z'));
});

test.each([
  [TAG.utcTime, '2601011200Z'],
  [TAG.utcTime, '260101120000+0100'],
  [TAG.utcTime, '260230120000Z'],
  [TAG.utcTime, '260101250000Z'],
  [TAG.generalizedTime, '260101120000Z'],
  [TAG.generalizedTime, '20260101120000.5Z'],
  [TAG.octetString, '260101120000Z'],
])('time of tag %i reading "%s" is malformed', (tag, text) => {
  expect(() => decodeTime(readTlv(encodeTlv(tag, Buffer.from(text))))).toThrow(Failure);
});
