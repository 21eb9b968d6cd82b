import { FLAG_DIRECTORY, RECORD } from './iso9660.ts';

/** A directory record is at most 255 bytes and of even length. */
export const LONGEST_RECORD = 254;

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/** What a directory record says of the thing it stands for. */
export interface RecordFacts {
  readonly identifier: Buffer;
  readonly isDirectory: boolean;
  readonly extent: number;
  readonly size: number;
  readonly time: Date;
  /** System use area: Rock Ridge entries. */
  readonly systemUse: Buffer;
}

/** Number of bytes that `renderRecord` gives. */
export const recordLength = (identifierLength: number, systemUseLength: number): number =>
  even(even(RECORD.name + identifierLength) + systemUseLength);

export function renderRecord(facts: RecordFacts): Buffer {
  const record = Buffer.alloc(recordLength(facts.identifier.length, facts.systemUse.length));
  record[RECORD.length] = record.length;
  bothEndian32(facts.extent).copy(record, RECORD.extent);
  bothEndian32(facts.size).copy(record, RECORD.size);
  shortTime(facts.time).copy(record, 18);
  record[RECORD.flags] = facts.isDirectory ? FLAG_DIRECTORY : 0;
  bothEndian16(1).copy(record, 28); // volume sequence number
  record[RECORD.nameLength] = facts.identifier.length;
  facts.identifier.copy(record, RECORD.name);
  facts.systemUse.copy(record, even(RECORD.name + facts.identifier.length));
  return record;
}

/** PX: mode, links, owner (SUSP entry of RRIP 1991A). */
export function posixEntry(kind: 'directory' | 'file', mode: number, links: number): Buffer {
  const type = kind === 'directory' ? S_IFDIR : S_IFREG;
  return suspEntry('PX', [type | mode, links, 0, 0].map(bothEndian32));
}

/** TF: times of modification, access and attribute change. */
export function timesEntry(time: Date): Buffer {
  const stamp = shortTime(time);
  return suspEntry('TF', [Buffer.from([0x0e]), stamp, stamp, stamp]);
}

/** NM: the name; several entries when one would be longer than 255 bytes. */
export function nameEntries(name: Buffer): Buffer[] {
  const most = 250;
  const parts: Buffer[] = [];
  for (let at = 0; at < name.length; at += most) parts.push(name.subarray(at, at + most));
  return parts.map((part, i) => suspEntry('NM', [Buffer.from([i < parts.length - 1 ? 1 : 0]), part]));
}

/** SP: says that system use areas hold SUSP entries; belongs first in the root's own record. */
export const sharingEntry = (): Buffer => suspEntry('SP', [Buffer.from([0xbe, 0xef, 0])]);

/** ER: names Rock Ridge as the extension in use. */
export function extensionEntry(): Buffer {
  const id = Buffer.from('RRIP_1991A', 'ascii');
  const description = Buffer.from(
    'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS',
    'ascii',
  );
  return suspEntry('ER', [Buffer.from([id.length, description.length, 0, 1]), id, description]);
}

/** CE: the system use area goes on elsewhere. */
export const continuationEntry = (block: number, offset: number, length: number): Buffer =>
  suspEntry('CE', [block, offset, length].map(bothEndian32));

function suspEntry(signature: string, data: readonly Buffer[]): Buffer {
  const body = Buffer.concat(data);
  return Buffer.concat([Buffer.from(signature, 'ascii'), Buffer.from([body.length + 4, 1]), body]);
}

export function bothEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

export function bothEndian16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

/** Seven bytes: years since 1900, month, day, hour, minute, second, quarter hours east of Greenwich. */
function shortTime(time: Date): Buffer {
  return Buffer.from([
    Math.min(255, Math.max(0, time.getUTCFullYear() - 1900)),
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
    0,
  ]);
}

/** Seventeen bytes: digits down to hundredths of a second, then the offset. */
export function longTime(time: Date): Buffer {
  const digits = `${time.toISOString().replaceAll(/\D/g, '').slice(0, 16)}`;
  return Buffer.concat([Buffer.from(digits, 'ascii'), Buffer.from([0])]);
}

const even = (length: number): number => length + (length % 2);
