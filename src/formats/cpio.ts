import { Failure } from '#base/failure.ts';

/** A member of an archive. */
export interface CpioEntry {
  /** Relative path with slashes. */
  readonly path: string;
  /** File type and permission bits, for example 0o100644. */
  readonly mode: number;
  readonly content: Uint8Array;
}

const MAGIC = '070701';
const HEADER = 110;
const TRAILER = 'TRAILER!!!';
/** Positions of eight-digit hexadecimal fields after the magic. */
const FIELD = { inode: 0, mode: 1, links: 4, size: 6, nameSize: 11 };
const FIELDS = 13;

/**
 * A cpio archive in the "new ASCII" form (newc) that the kernel unpacks as an initramfs. Everything belongs to root
 * and has no time, so equal entries give equal bytes.
 */
export function renderCpio(entries: readonly CpioEntry[]): Buffer {
  const members = entries.map((entry, i) => renderMember(entry, i + 1));
  return Buffer.concat([...members, renderMember({ path: TRAILER, mode: 0, content: Buffer.alloc(0) }, 0)]);
}

function renderMember({ path, mode, content }: CpioEntry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`);
  const fields = Array.from({ length: FIELDS }, () => 0);
  fields[FIELD.inode] = inode;
  fields[FIELD.mode] = mode;
  fields[FIELD.links] = 1;
  fields[FIELD.size] = content.length;
  fields[FIELD.nameSize] = name.length;
  const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

/** Header with name, and content, each end at a multiple of four bytes. */
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);

/** Reads a newc archive up to its trailer; what follows the trailer is padding. @throws Failure formats/cpio-malformed */
export function parseCpio(bytes: Uint8Array): CpioEntry[] {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: CpioEntry[] = [];
  for (let at = 0; ; ) {
    if (source.toString('latin1', at, at + MAGIC.length) !== MAGIC) {
      throw malformed(`no header at byte ${at}`);
    }
    const nameSize = fieldAt(source, at, FIELD.nameSize);
    const size = fieldAt(source, at, FIELD.size);
    const start = at + HEADER + nameSize + (-(HEADER + nameSize) & 3);
    if (nameSize === 0 || start + size > source.length)
      throw malformed(`a member that is cut off at byte ${at}`);
    const path = source.toString('utf8', at + HEADER, at + HEADER + nameSize - 1);
    if (path === TRAILER) return entries;
    entries.push({
      path,
      mode: fieldAt(source, at, FIELD.mode),
      content: source.subarray(start, start + size),
    });
    at = start + size + (-size & 3);
  }
}

function fieldAt(source: Buffer, header: number, field: number): number {
  const start = header + MAGIC.length + 8 * field;
  const digits = source.toString('latin1', start, start + 8);
  if (!/^[0-9a-fA-F]{8}$/.test(digits)) throw malformed(`a broken header at byte ${header}`);
  return Number.parseInt(digits, 16);
}

const malformed = (what: string): Failure =>
  new Failure({ code: 'formats/cpio-malformed', message: `the cpio archive has ${what}` });
