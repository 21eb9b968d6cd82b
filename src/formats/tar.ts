import {
  entryOf,
  parsePaxRecords,
  parseTarHeader,
  type RawHeader,
  renderTarHeader,
  sizeOf,
  TAR_BLOCK,
  type TarEntry,
  tarFailure,
} from './tarHeader.ts';

/** A member while the archive streams by: its content must be read (or is skipped) before the next one comes. */
export interface TarMember extends TarEntry {
  readonly content: AsyncIterable<Buffer>;
}

export interface TarReadOptions {
  /** Bytes that one member may have; default: no limit. */
  readonly maxMemberSize?: number;
  readonly maxMembers?: number;
}

/** Pax headers and GNU long names are small; anything larger is an attack on memory. */
const MAX_META = 1024 * 1024;

/**
 * Reads a tar stream (ustar, pax, GNU long names) member by member. Absolute paths, `..`, links that lead out of the
 * archive, device nodes and pipes are a Failure `formats/tar-...`, as is an archive that ends early.
 */
export async function* readTar(
  source: AsyncIterable<Buffer>,
  options: TarReadOptions = {},
): AsyncGenerator<TarMember> {
  const blocks = new ByteReader(source);
  let overrides = new Map<string, string>();
  let globals: ReadonlyMap<string, string> = new Map();
  let count = 0;
  for (;;) {
    const block = await blocks.read(TAR_BLOCK);
    if (block.every((byte) => byte === 0)) return; // GNU tar pads with more zeros, which nobody needs
    const header = parseTarHeader(block);
    if ('xgLK'.includes(header.typeFlag)) {
      const meta = await readMeta(blocks, header);
      if (header.typeFlag === 'g') globals = parsePaxRecords(meta);
      else if (header.typeFlag === 'x') overrides = new Map([...overrides, ...parsePaxRecords(meta)]);
      else
        overrides.set(
          header.typeFlag === 'L' ? 'path' : 'linkpath',
          meta.toString('utf8').replace(/\0+$/, ''),
        );
      continue;
    }
    const laidOver = new Map([...globals, ...overrides]);
    const entry = entryOf(header, laidOver);
    const size = sizeOf(header, laidOver);
    if (size > (options.maxMemberSize ?? Number.POSITIVE_INFINITY)) {
      throw tarFailure(
        'too-large',
        `member ${entry.path} has ${size} bytes, more than ${options.maxMemberSize}`,
      );
    }
    if (++count > (options.maxMembers ?? Number.POSITIVE_INFINITY)) {
      throw tarFailure('too-large', `it has more than ${options.maxMembers} members`);
    }
    const content = blocks.take(size);
    yield { ...entry, content };
    for await (const _ of content) void _; // what the caller left unread
    await blocks.read(-size & (TAR_BLOCK - 1));
    overrides = new Map();
  }
}

async function readMeta(blocks: ByteReader, header: RawHeader): Promise<Buffer> {
  if (header.size > MAX_META) throw tarFailure('too-large', `an extended header has ${header.size} bytes`);
  const data = await blocks.read(header.size);
  await blocks.read(-header.size & (TAR_BLOCK - 1));
  return data;
}

/** A member's content as one buffer; a Failure when it has more than `limit` bytes. */
export async function readMember(member: TarMember, limit: number): Promise<Buffer> {
  if (member.size > limit) {
    throw tarFailure('too-large', `member ${member.path} has ${member.size} bytes, more than ${limit}`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of member.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface TarSource {
  readonly path: string;
  readonly mode: number;
  /** Exactly what `content` yields. */
  readonly size: number;
  readonly content: AsyncIterable<Buffer>;
}

/** A ustar archive of files that belong to root, with time 0 so that equal inputs give equal bytes. */
export async function* writeTar(
  members: AsyncIterable<TarSource> | Iterable<TarSource>,
): AsyncGenerator<Buffer> {
  for await (const { path, mode, size, content } of members) {
    yield renderTarHeader({ path, kind: 'file', mode, uid: 0, gid: 0, size, mtime: 0 });
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size) throw tarFailure('size-differs', `${path} has ${written} bytes instead of ${size}`);
    if (size % TAR_BLOCK !== 0) yield Buffer.alloc(-size & (TAR_BLOCK - 1));
  }
  yield Buffer.alloc(2 * TAR_BLOCK);
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async read(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.take(size)) parts.push(part);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Yields exactly `size` bytes; a second iteration goes on where the first one stopped. */
  take(size: number): AsyncIterable<Buffer> {
    let left = size;
    const next = async (): Promise<Buffer | undefined> => {
      if (left === 0) return undefined;
      if (this.#rest.length === 0) await this.#fill();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      return part;
    };
    return {
      async *[Symbol.asyncIterator]() {
        for (let part = await next(); part !== undefined; part = await next()) yield part;
      },
    };
  }

  async #fill(): Promise<void> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) throw tarFailure('truncated', 'it ends in the middle');
      this.#rest = value;
    }
  }
}
