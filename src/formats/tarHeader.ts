import { Failure } from '#base/failure.ts';

export const TAR_BLOCK = 512;

type TarEntryKind = 'file' | 'directory' | 'symlink' | 'hardlink';

/** A member of a tar archive. */
export interface TarEntry {
  /** Relative, without `./` and trailing `/`; never with `..`. */
  readonly path: string;
  readonly kind: TarEntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Unix seconds. */
  readonly mtime: number;
  /** Of symbolic and hard links. */
  readonly linkTarget?: string;
}

export const tarFailure = (what: string, message: string): Failure =>
  new Failure({
    code: `formats/tar-${what}`,
    message: `tar archive: ${message}`,
    hint: 'the archive is damaged or was not made by a program that can be trusted; make or fetch it again',
  });

/** Member kinds of POSIX and GNU tar, by type flag. */
const KINDS: Readonly<Record<string, TarEntryKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

/** A header block as it stands, before pax records and GNU long names are laid over it. */
export interface RawHeader {
  readonly name: string;
  readonly typeFlag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkName: string;
}

export function parseTarHeader(block: Buffer): RawHeader {
  const stored = parseNumber(block, 148, 8, 'checksum');
  if (stored !== checksum(block)) throw tarFailure('damaged', 'a header has a wrong checksum');
  const magic = block.toString('latin1', 257, 263);
  // GNU's own format ("ustar " with a blank) keeps other things where POSIX has the prefix.
  const prefix = magic === 'ustar\0' ? parseText(block, 345, 155) : '';
  const name = parseText(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    typeFlag: String.fromCharCode(block[156]!),
    mode: parseNumber(block, 100, 8, 'mode') & 0o7777,
    uid: parseNumber(block, 108, 8, 'uid'),
    gid: parseNumber(block, 116, 8, 'gid'),
    size: parseNumber(block, 124, 12, 'size'),
    mtime: parseNumber(block, 136, 12, 'mtime'),
    linkName: parseText(block, 157, 100),
  };
}

/** Lays `overrides` (of pax records or GNU long names) over a header and checks that the result can't reach outside. */
export function entryOf(header: RawHeader, overrides: ReadonlyMap<string, string>): TarEntry {
  const path = safePath(overrides.get('path') ?? header.name);
  const kind = KINDS[header.typeFlag];
  if (kind === undefined) {
    throw tarFailure(
      'kind-refused',
      `member ${path} is of type ${JSON.stringify(header.typeFlag)} (device nodes and pipes are refused)`,
    );
  }
  const linkTarget = overrides.get('linkpath') ?? header.linkName;
  if (kind === 'hardlink') safePath(linkTarget);
  if (kind === 'symlink' && linkTarget.startsWith('/')) {
    throw tarFailure('link-refused', `member ${path} is a link to the absolute path ${linkTarget}`);
  }
  if (kind === 'symlink' && leavesRoot(path, linkTarget)) {
    throw tarFailure('link-refused', `member ${path} is a link out of the archive, to ${linkTarget}`);
  }
  const isLink = kind === 'hardlink' || kind === 'symlink';
  return {
    path,
    kind,
    mode: header.mode,
    uid: Number(overrides.get('uid') ?? header.uid),
    gid: Number(overrides.get('gid') ?? header.gid),
    size: sizeOf(header, overrides),
    mtime: Math.floor(Number(overrides.get('mtime') ?? header.mtime)),
    ...(isLink && { linkTarget }),
  };
}

/** Of the data blocks that follow; a pax `size` record goes before the header's field. */
export function sizeOf(header: RawHeader, overrides: ReadonlyMap<string, string>): number {
  const size = Number(overrides.get('size') ?? header.size);
  if (!Number.isSafeInteger(size) || size < 0) throw tarFailure('damaged', `a member has the size ${size}`);
  return header.typeFlag === '0' || header.typeFlag === '\0' || header.typeFlag === '7' ? size : 0;
}

/** `28 path=some/long/name\n` records; the length counts itself. */
export function parsePaxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length; ) {
    const blank = data.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(data.toString('latin1', at, blank));
    const end = at + length;
    const equals = data.indexOf(0x3d, blank);
    if (
      !Number.isInteger(length) ||
      end > data.length ||
      equals < 0 ||
      equals >= end ||
      data[end - 1] !== 0x0a
    ) {
      throw tarFailure('damaged', 'an extended header is not made of records');
    }
    records.set(data.toString('utf8', blank + 1, equals), data.toString('utf8', equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** POSIX ustar header blocks; a name or size that does not fit is put in front as a pax header. */
export function renderTarHeader(entry: TarEntry): Buffer {
  const fits = Buffer.byteLength(entry.path) <= 100 && entry.size < 8 ** 11;
  if (fits) return ustarBlock(entry, entry.path, '0');
  const records = Buffer.from(paxRecord('path', entry.path) + paxRecord('size', String(entry.size)));
  const padding = Buffer.alloc(-records.length & (TAR_BLOCK - 1));
  const short = Buffer.from(entry.path).subarray(0, 90).toString('latin1');
  return Buffer.concat([
    ustarBlock({ ...entry, size: records.length }, `pax/${short}`, 'x'),
    records,
    padding,
    ustarBlock({ ...entry, size: entry.size < 8 ** 11 ? entry.size : 0 }, short, '0'),
  ]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function ustarBlock(entry: TarEntry, name: string, typeFlag: string): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(name, 0, 100, name === entry.path ? 'utf8' : 'latin1');
  const octal = (value: number, at: number, width: number): void => {
    block.write(value.toString(8).padStart(width - 1, '0'), at, width - 1, 'latin1');
  };
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(entry.size, 124, 12);
  octal(entry.mtime, 136, 12);
  block.write(typeFlag, 156, 1, 'latin1');
  block.write('ustar\x0000', 257, 8, 'latin1');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

function checksum(block: Buffer): number {
  let sum = 8 * 0x20; // the checksum field counts as blanks
  for (let i = 0; i < TAR_BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum;
}

function parseText(block: Buffer, at: number, width: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 || end > at + width ? at + width : end);
}

/** Octal text, or GNU's base-256 for values that do not fit. */
function parseNumber(block: Buffer, at: number, width: number, what: string): number {
  if ((block[at]! & 0x80) !== 0) {
    const value = block
      .subarray(at, at + width)
      .reduce((sum, byte, i) => sum * 256 + (i === 0 ? byte & 0x7f : byte), 0);
    if (!Number.isSafeInteger(value)) throw tarFailure('damaged', `a header has an impossible ${what}`);
    return value;
  }
  const text = block
    .toString('latin1', at, at + width)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]*$/.test(text)) throw tarFailure('damaged', `a header has an unreadable ${what}`);
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function safePath(path: string): string {
  if (path.startsWith('/')) throw tarFailure('path-refused', `member ${path} has an absolute path`);
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..') || path.includes('\0')) {
    throw tarFailure('path-refused', `member ${path} would lie outside`);
  }
  return steps.join('/');
}

function leavesRoot(path: string, target: string): boolean {
  let depth = path.split('/').length - 1;
  for (const step of target.split('/')) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
