/** Wire types of the protobuf encoding; groups (3, 4) never occur in Kubernetes objects and count as malformed. */
type WireType = 0 | 1 | 2 | 5;

/** One field of a message: offsets into the bytes that were read. `from`..`to` is the payload without tag and length. */
export interface WireField {
  readonly number: number;
  readonly wireType: WireType;
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** What an edit says about a length-delimited field: keep it (undefined), drop it (null), or a new payload. */
export type PayloadEdit = Uint8Array | null | undefined;

const LENGTH_DELIMITED = 2;
const HIGHEST_FIELD = 2 ** 29 - 1;

/** The fields of a message in their order, or undefined if the bytes are not one. Never throws. */
export function readFields(bytes: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length; ) {
    const field = readField(bytes, at);
    if (field === undefined) return undefined;
    fields.push(field);
    at = field.end;
  }
  return fields;
}

/** The payloads of all length-delimited fields of that number. */
export function payloadsOf(bytes: Uint8Array, number: number): Buffer[] {
  return (readFields(bytes) ?? [])
    .filter((field) => field.number === number && field.wireType === LENGTH_DELIMITED)
    .map((field) => view(bytes).subarray(field.from, field.to));
}

/** The payload of the last field of that number, as protobuf decides for fields that may occur once. */
export const payloadOf = (bytes: Uint8Array, number: number): Buffer | undefined =>
  payloadsOf(bytes, number).at(-1);

/**
 * The message with the payload of its length-delimited fields edited; all other bytes and the order are kept.
 * Returns the same bytes where nothing changes or where they are not a message.
 */
export function editFields(
  bytes: Uint8Array,
  edit: (field: WireField, payload: Buffer) => PayloadEdit,
): Buffer {
  const source = view(bytes);
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const field of readFields(bytes) ?? []) {
    if (field.wireType !== LENGTH_DELIMITED) continue;
    const payload = edit(field, source.subarray(field.from, field.to));
    if (payload === undefined) continue;
    parts.push(source.subarray(copied, field.start));
    if (payload !== null) parts.push(lengthDelimited(field.number, payload));
    copied = field.end;
  }
  if (parts.length === 0) return source;
  parts.push(source.subarray(copied));
  return Buffer.concat(parts);
}

/** Edits every field that a path of field numbers leads to; lengths of the enclosing fields follow. */
export function editPath(
  bytes: Uint8Array,
  path: readonly number[],
  edit: (payload: Buffer) => PayloadEdit,
): Buffer {
  const [number, ...rest] = path;
  return editFields(bytes, (field, payload) => {
    if (field.number !== number) return undefined;
    if (rest.length === 0) return edit(payload);
    const edited = editPath(payload, rest, edit);
    return edited === payload ? undefined : edited;
  });
}

/** One field as it stands on the wire: tag, length, payload. */
export function lengthDelimited(number: number, payload: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(payload.length), payload]);
}

/** A non-negative safe integer as a varint. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A varint's value and the offset after it; values over 2^53 lose precision, as no length or tag comes near that. */
export function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}

function readField(bytes: Uint8Array, start: number): WireField | undefined {
  const tag = readVarint(bytes, start);
  if (tag === undefined) return undefined;
  const number = Math.floor(tag.value / 8);
  if (number < 1 || number > HIGHEST_FIELD) return undefined;
  const wireType = tag.value % 8;
  if (wireType === 0) {
    const value = readVarint(bytes, tag.end);
    return value && { number, wireType, start, end: value.end, from: tag.end, to: value.end };
  }
  if (wireType === LENGTH_DELIMITED) {
    const length = readVarint(bytes, tag.end);
    if (length === undefined || length.value > bytes.length - length.end) return undefined;
    const end = length.end + length.value;
    return { number, wireType, start, end, from: length.end, to: end };
  }
  if (wireType !== 1 && wireType !== 5) return undefined;
  const end = tag.end + (wireType === 1 ? 8 : 4);
  return end > bytes.length ? undefined : { number, wireType, start, end, from: tag.end, to: end };
}

const view = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
