import { Failure } from '#base/failure.ts';
import {
  FIRST_DESCRIPTOR,
  FLAG_DIRECTORY,
  FLAG_MULTI_EXTENT,
  RECORD,
  SECTOR,
  STANDARD_ID,
} from './iso9660.ts';
import { findSuspSkip, parseSystemUse, type RockRidgeFacts } from './iso9660Susp.ts';

/** Random access to an image or a block device. */
export interface ByteSource {
  /** The bytes from `offset`; fewer than `length` only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file or directory of a volume. */
export interface IsoEntry {
  /** Relative, with slashes; parents come before their members. */
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'symlink';
  /** Permission bits; 0o555 and 0o444 where the volume has no Rock Ridge modes. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for a directory. */
  readonly size: number;
  /** Byte offset of the content. */
  readonly offset: number;
}

export interface IsoVolume {
  readonly volumeId: string;
  readonly entries: readonly IsoEntry[];
}

const LAST_DESCRIPTOR_SECTOR = 16 + 32;
const DEEPEST = 64;
const MOST_ENTRIES = 100_000;
const LARGEST_DIRECTORY = 16 * 1024 * 1024;
const MOST_CONTINUATIONS = 32;
const PIECE = 1024 * 1024;

/** The volume id (label) without trailing blanks; undefined if the source is no ISO 9660 volume. Reads a few sectors only. */
export async function findIsoVolumeId(source: ByteSource): Promise<string | undefined> {
  const descriptor = await findPrimaryDescriptor(source);
  return descriptor === undefined ? undefined : volumeIdOf(descriptor);
}

/**
 * Lists a whole volume, with Rock Ridge names and modes where it has them (lower-case plain names otherwise, as Linux).
 *
 * @throws Failure formats/iso-missing (no ISO 9660), formats/iso-malformed, formats/iso-unsupported
 */
export async function readIso(source: ByteSource): Promise<IsoVolume> {
  const descriptor = await findPrimaryDescriptor(source);
  if (descriptor === undefined) {
    throw new Failure({
      code: 'formats/iso-missing',
      message: `no ISO 9660 volume descriptor at byte ${FIRST_DESCRIPTOR}`,
    });
  }
  const walk = await startWalk(source, descriptor);
  await readDirectory(walk, rootOf(descriptor), '', 0);
  return { volumeId: volumeIdOf(descriptor), entries: walk.entries };
}

/** The content of a file that `readIso` listed. @throws Failure formats/iso-malformed when the source ends before it does */
export async function readIsoFile(source: ByteSource, entry: IsoEntry): Promise<Buffer> {
  if (entry.kind !== 'file') throw unsupported(`${entry.path} is no regular file`);
  return readExactly(source, entry.offset, entry.size, entry.path);
}

async function findPrimaryDescriptor(source: ByteSource): Promise<Buffer | undefined> {
  for (let sector = FIRST_DESCRIPTOR / SECTOR; sector < LAST_DESCRIPTOR_SECTOR; sector++) {
    const bytes = Buffer.from(await source.read(sector * SECTOR, SECTOR));
    if (bytes.length < SECTOR || bytes.toString('latin1', 1, 6) !== STANDARD_ID || bytes[0] === 255)
      return undefined;
    if (bytes[0] === 1) return bytes;
  }
  return undefined;
}

const volumeIdOf = (descriptor: Buffer): string =>
  descriptor.toString('latin1', 40, 72).replace(/[ \0]+$/, '');

/** One directory record with its Rock Ridge facts. */
interface DirectoryRecord {
  readonly identifier: Buffer;
  readonly offset: number;
  readonly size: number;
  readonly flags: number;
  readonly systemUse: Buffer;
}

interface Walk {
  readonly source: ByteSource;
  readonly blockSize: number;
  /** Undefined: no Rock Ridge. */
  readonly suspSkip: number | undefined;
  readonly entries: IsoEntry[];
  /** Offsets of directories already read: a second visit means a loop. */
  readonly visited: Set<number>;
}

const blockSizeOf = (descriptor: Buffer): number => descriptor.readUInt16LE(128);

function rootOf(descriptor: Buffer): DirectoryRecord {
  const blockSize = blockSizeOf(descriptor);
  if (![512, 1024, 2048].includes(blockSize)) throw malformed(`a block size of ${blockSize}`);
  return parseRecord(descriptor.subarray(156, 190), blockSize, 'the root directory');
}

async function startWalk(source: ByteSource, descriptor: Buffer): Promise<Walk> {
  const blockSize = blockSizeOf(descriptor);
  const root = rootOf(descriptor);
  const first = await readExactly(source, root.offset, Math.min(root.size, SECTOR), 'the root directory');
  const own = parseRecord(first, blockSize, 'the root directory');
  return { source, blockSize, suspSkip: findSuspSkip(own.systemUse), entries: [], visited: new Set() };
}

async function readDirectory(
  walk: Walk,
  directory: DirectoryRecord,
  path: string,
  depth: number,
): Promise<void> {
  const shown = path === '' ? 'the root directory' : path;
  if (depth > DEEPEST) throw malformed(`more than ${DEEPEST} levels of directories at ${path}`);
  if (walk.visited.has(directory.offset)) throw malformed(`a directory that contains itself at ${shown}`);
  walk.visited.add(directory.offset);
  if (directory.size > LARGEST_DIRECTORY)
    throw malformed(`a directory of ${directory.size} bytes at ${shown}`);
  const bytes = await readExactly(walk.source, directory.offset, directory.size, shown);
  const names = new Set<string>();
  for (const record of recordsOf(bytes, walk.blockSize, shown)) {
    if (record.identifier.length === 1 && record.identifier[0]! <= 1) continue; // itself and its parent
    const entry = await entryOf(walk, record, path);
    if (names.has(entry.path)) throw malformed(`two entries of the name ${entry.path}`);
    names.add(entry.path);
    walk.entries.push(entry);
    if (walk.entries.length > MOST_ENTRIES) throw malformed(`more than ${MOST_ENTRIES} entries`);
    if (entry.kind === 'directory') await readDirectory(walk, record, entry.path, depth + 1);
  }
}

/** Records fill sectors one after the other; a zero length ends a sector. */
function* recordsOf(bytes: Buffer, blockSize: number, shown: string): Generator<DirectoryRecord> {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]!;
    if (length === 0) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    if (at + length > bytes.length || (at % SECTOR) + length > SECTOR) {
      throw malformed(`a record that leaves its sector in ${shown}`);
    }
    yield parseRecord(bytes.subarray(at, at + length), blockSize, shown);
    at += length;
  }
}

function parseRecord(bytes: Buffer, blockSize: number, shown: string): DirectoryRecord {
  const length = bytes[RECORD.length] ?? 0;
  const nameLength = bytes[RECORD.nameLength] ?? 0;
  const nameEnd = RECORD.name + nameLength;
  if (length > bytes.length || nameLength === 0 || nameEnd > length)
    throw malformed(`a broken record in ${shown}`);
  return {
    identifier: bytes.subarray(RECORD.name, nameEnd),
    offset: (bytes.readUInt32LE(RECORD.extent) + bytes[RECORD.extendedLength]!) * blockSize,
    size: bytes.readUInt32LE(RECORD.size),
    flags: bytes[RECORD.flags]! | (bytes[RECORD.unitSize] === 0 ? 0 : FLAG_INTERLEAVED),
    systemUse: bytes.subarray(nameEnd + (nameEnd % 2), length),
  };
}

/** Beyond the eight bits of the record's own flags. */
const FLAG_INTERLEAVED = 0x100;

async function entryOf(walk: Walk, record: DirectoryRecord, parent: string): Promise<IsoEntry> {
  const rockRidge = await rockRidgeOf(walk, record);
  const name = rockRidge.name?.toString('utf8') ?? plainName(record.identifier);
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw malformed(
      `the unusable name ${JSON.stringify(name)} in ${parent === '' ? 'the root directory' : parent}`,
    );
  }
  const path = parent === '' ? name : `${parent}/${name}`;
  if (rockRidge.isRelocated) throw unsupported(`${path} is a relocated directory`);
  if ((record.flags & FLAG_MULTI_EXTENT) !== 0) throw unsupported(`${path} is a file in several extents`);
  if ((record.flags & FLAG_INTERLEAVED) !== 0) throw unsupported(`${path} is an interleaved file`);
  const isDirectory = (record.flags & FLAG_DIRECTORY) !== 0;
  return {
    path,
    kind: isDirectory ? 'directory' : rockRidge.isLink ? 'symlink' : 'file',
    mode: (rockRidge.mode ?? (isDirectory ? 0o555 : 0o444)) & 0o7777,
    uid: rockRidge.uid ?? 0,
    gid: rockRidge.gid ?? 0,
    size: isDirectory ? 0 : record.size,
    offset: record.offset,
  };
}

/** All SUSP entries of a record: its own area and every area that continues it. */
async function rockRidgeOf(walk: Walk, record: DirectoryRecord): Promise<RockRidgeFacts> {
  if (walk.suspSkip === undefined) return { isLink: false, isRelocated: false };
  let facts = parseSystemUse(record.systemUse.subarray(walk.suspSkip));
  const areas = [facts];
  while (facts.continuation !== undefined) {
    if (areas.length > MOST_CONTINUATIONS) throw malformed('an endless chain of continuation areas');
    const { block, offset, length } = facts.continuation;
    const start = block * walk.blockSize + offset;
    facts = parseSystemUse(
      await readExactly(walk.source, start, Math.min(length, LARGEST_DIRECTORY), 'a continuation area'),
    );
    areas.push(facts);
  }
  return mergeAreas(areas);
}

function mergeAreas(areas: readonly RockRidgeFacts[]): RockRidgeFacts {
  const posix = areas.find(({ mode }) => mode !== undefined);
  const names = areas.flatMap(({ name }) => name ?? []);
  return {
    ...posix,
    isLink: areas.some(({ isLink }) => isLink),
    isRelocated: areas.some(({ isRelocated }) => isRelocated),
    ...(names.length > 0 && { name: Buffer.concat(names) }),
  };
}

/** `NAME.EXT;1` as Linux shows it: lower case, without version and without a dot at the end. */
const plainName = (identifier: Buffer): string =>
  identifier.toString('latin1').toLowerCase().replace(/;\d*$/, '').replace(/\.$/, '');

/** Reads in pieces: a size that a broken image only claims is not allocated. */
async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  shown: string,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let done = 0; done < length; done += PIECE) {
    const wanted = Math.min(PIECE, length - done);
    const piece = await source.read(offset + done, wanted);
    if (piece.length < wanted) throw malformed(`${shown} beyond its end (byte ${offset + length})`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

const malformed = (what: string): Failure =>
  new Failure({ code: 'formats/iso-malformed', message: `the ISO 9660 volume has ${what}` });

const unsupported = (what: string): Failure =>
  new Failure({ code: 'formats/iso-unsupported', message: `this ISO 9660 volume can not be read: ${what}` });
