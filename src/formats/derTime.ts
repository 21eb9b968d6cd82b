import { Failure } from '#base/failure.ts';
import { encodeTlv, TAG, type Tlv } from './der.ts';

export interface DerTime {
  readonly date: Date;
  readonly type: 'UTCTime' | 'GeneralizedTime';
}

/**
 * A Time in the only two forms RFC 5280 4.1.2.5 allows: with seconds, in UTC, without fractions.
 * @throws Failure formats/der-malformed
 */
export function decodeTime(tlv: Tlv | undefined): DerTime {
  const text = tlv?.content.toString('latin1') ?? '';
  const type = tlv?.tag === TAG.utcTime ? 'UTCTime' : 'GeneralizedTime';
  const known = tlv?.tag === TAG.utcTime || tlv?.tag === TAG.generalizedTime;
  const shape = type === 'UTCTime' ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!known || !shape.test(text)) throw malformedTime();
  const digits = type === 'UTCTime' ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  // Date rolls 31 February over into March; only a date that prints as it was read exists.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) throw malformedTime();
  return { date, type };
}

const malformedTime = (): Failure =>
  new Failure({ code: 'formats/der-malformed', message: 'malformed DER: not an RFC 5280 time' });

/** UTCTime for 1950 to 2049, GeneralizedTime otherwise (RFC 5280 4.1.2.5); fractions of seconds are cut off. */
export function encodeTime(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError('certificate times have four-digit years');
  return year >= 1950 && year < 2050
    ? encodeTlv(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : encodeTlv(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}
