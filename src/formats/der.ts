import { Failure } from '#base/failure.ts';

/** Identifier octets of the universal types that X.509, keys and names use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Identifier octet of `[n]` context-specific, for n < 31. */
export const contextTag = (n: number, constructed = false): number => (constructed ? 0xa0 : 0x80) | n;

/** One element: slices share memory with the bytes they were read from. */
export interface Tlv {
  readonly tag: number;
  /** Offset of the identifier octet in the bytes given to the reader. */
  readonly start: number;
  readonly end: number;
  /** Header and content. */
  readonly raw: Buffer;
  readonly content: Buffer;
}

/** No certificate or key comes near this; it bounds the work on hostile input. */
export const MAX_DER_BYTES = 1 << 24;
const MAX_CHILDREN = 100_000;

const malformed = (what: string): Failure =>
  new Failure({ code: 'formats/der-malformed', message: `malformed DER: ${what}` });

/**
 * Reads the element at `at`. Strict DER: definite, minimal lengths, single-octet tags. Nothing in this file recurses,
 * so nesting depth is bounded by the reader's own structure.
 * @throws Failure formats/der-malformed
 */
export function readTlv(bytes: Buffer, at = 0): Tlv {
  if (bytes.length > MAX_DER_BYTES) throw malformed(`${bytes.length} bytes are too many`);
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw malformed(`truncated at byte ${at}`);
  if ((tag & 0x1f) === 0x1f) throw malformed(`multi-octet tag at byte ${at}`);
  const { length, octets } = readLength(bytes, at + 1, first);
  const contentStart = at + 1 + octets;
  const end = contentStart + length;
  if (end > bytes.length) throw malformed(`element at byte ${at} ends after the data`);
  return { tag, start: at, end, raw: bytes.subarray(at, end), content: bytes.subarray(contentStart, end) };
}

function readLength(bytes: Buffer, at: number, first: number): { length: number; octets: number } {
  if (first < 0x80) return { length: first, octets: 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw malformed(`length of unsupported form at byte ${at}`);
  if (at + 1 + count > bytes.length) throw malformed(`truncated at byte ${at}`);
  const length = bytes.readUIntBE(at + 1, count);
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw malformed(`length not minimal at byte ${at}`);
  return { length, octets: 1 + count };
}

/** The one element that fills the bytes exactly, of the given tag. @throws Failure formats/der-malformed */
export function readWhole(bytes: Buffer, tag: number, what: string): Tlv {
  const tlv = expectTag(readTlv(bytes), tag, what);
  if (tlv.end !== bytes.length) throw malformed(`${what} is followed by other data`);
  return tlv;
}

/** The elements inside a constructed element (or of its content). @throws Failure formats/der-malformed */
export function readChildren(content: Buffer): Tlv[] {
  const children: Tlv[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readTlv(content, at);
    children.push(child);
    if (children.length > MAX_CHILDREN) throw malformed('too many elements');
    at = child.end;
  }
  return children;
}

/** The element itself if it is there and has the tag. @throws Failure formats/der-malformed */
export function expectTag(tlv: Tlv | undefined, tag: number, what: string): Tlv {
  if (tlv === undefined) throw malformed(`${what} is missing`);
  if (tlv.tag !== tag) throw malformed(`${what} has tag 0x${tlv.tag.toString(16)}`);
  return tlv;
}

/** Dotted form of an OID's content octets. @throws Failure formats/der-malformed */
export function decodeOid(content: Buffer): string {
  if (content.length === 0 || content.length > 128) throw malformed('OID of unsupported length');
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) throw malformed('OID arc not minimal');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (!fresh) throw malformed('OID ends within an arc');
  const [joined = 0n, ...rest] = arcs;
  const root = joined >= 80n ? 2n : joined / 40n;
  return [root, joined - root * 40n, ...rest].join('.');
}

/** Value of INTEGER content octets. @throws Failure formats/der-malformed */
export function decodeInteger(content: Buffer): bigint {
  const [first, second] = content;
  if (first === undefined) throw malformed('INTEGER is empty');
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw malformed('INTEGER not minimal');
  }
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`));
}

/** Octets of a BIT STRING whose number of bits is a multiple of eight (keys, signatures). @throws Failure */
export function decodeBitStringOctets(tlv: Tlv | undefined, what: string): Buffer {
  const { content } = expectTag(tlv, TAG.bitString, what);
  if (content[0] !== 0) throw malformed(`${what} is not a whole number of octets`);
  return content.subarray(1);
}

export function decodeBoolean(tlv: Tlv): boolean {
  const { content } = expectTag(tlv, TAG.boolean, 'BOOLEAN');
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed('BOOLEAN value');
  return content[0] === 0xff;
}

/** Element of the tag around the parts. */
export function encodeTlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...parts]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const count = Math.ceil((32 - Math.clz32(length)) / 8);
  const octets = Buffer.alloc(1 + count, 0x80 | count);
  octets.writeUIntBE(length, 1, count);
  return octets;
}

export const encodeSequence = (...parts: readonly Uint8Array[]): Buffer => encodeTlv(TAG.sequence, ...parts);

/** SET OF: DER orders the elements by their encodings (X.690 11.6). */
export const encodeSetOf = (parts: readonly Buffer[]): Buffer =>
  encodeTlv(TAG.set, ...[...parts].sort(Buffer.compare));

export const encodeOctetString = (octets: Uint8Array): Buffer => encodeTlv(TAG.octetString, octets);
export const encodeBoolean = (value: boolean): Buffer =>
  encodeTlv(TAG.boolean, Buffer.from([value ? 0xff : 0]));
export const encodeNull = (): Buffer => encodeTlv(TAG.null);

export const encodeBitString = (octets: Uint8Array, unusedBits = 0): Buffer =>
  encodeTlv(TAG.bitString, Buffer.from([unusedBits]), octets);

export function encodeInteger(value: bigint): Buffer {
  const bits = (value < 0n ? ~value : value).toString(2);
  const octets = value === 0n || value === -1n ? 1 : Math.floor(bits.length / 8) + 1;
  const hex = BigInt.asUintN(octets * 8, value).toString(16);
  return encodeTlv(TAG.integer, Buffer.from(hex.padStart(octets * 2, '0'), 'hex'));
}

/** @throws Failure formats/oid-invalid for what is not a dotted OID. */
export function encodeOid(dotted: string): Buffer {
  if (!/^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*$/.test(dotted)) {
    throw new Failure({ code: 'formats/oid-invalid', message: `"${dotted}" is not an object identifier` });
  }
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const octets = [root * 40n + second, ...rest].flatMap(base128);
  return encodeTlv(TAG.oid, Buffer.from(octets));
}

function base128(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) | 0x80);
  return octets;
}
