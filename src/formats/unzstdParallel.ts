import { promisify } from 'node:util';
import { createZstdDecompress, zstdDecompress } from 'node:zlib';
import { Failure } from '#base/failure.ts';
import { LookAhead } from './lookAhead.ts';
import { through } from './through.ts';

const decompress = promisify(zstdDecompress);

/** RFC 8878, 3.1.1 and 3.1.2; numbers are little-endian. */
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CHECKSUM_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** Frames that say they hold no more are decompressed at once; larger ones, and silent ones, as a stream. */
const MAX_AT_ONCE = 16 * 1024 * 1024;

/** True if these bytes begin a zstd file. */
export const isZstd = (head: Buffer): boolean =>
  head.length >= 4 && (head.readUInt32LE(0) === FRAME_MAGIC || isSkippable(head.readUInt32LE(0)));

const isSkippable = (magic: number): boolean => (magic & 0xfffffff0) === SKIPPABLE_MAGIC;

/**
 * Decompresses zstd of any origin: any number of frames, of which those with a known small size are decompressed
 * `concurrency` at a time on libuv's thread pool, and skippable ones in between. node:zlib by itself stops after the
 * first frame without an error. Failure `formats/zstd-damaged`.
 */
export async function* unzstdParallel(
  source: AsyncIterable<Buffer>,
  concurrency = 4,
): AsyncGenerator<Buffer> {
  try {
    yield* plainBytes(new LookAhead(source), concurrency);
  } catch (error) {
    throw isZstdError(error) ? damaged(error.message, error) : error;
  }
}

async function* plainBytes(input: LookAhead, concurrency: number): AsyncGenerator<Buffer> {
  const running: Promise<Buffer>[] = [];
  const settle = async function* (limit: number): AsyncGenerator<Buffer> {
    while (running.length > limit) yield await running.shift()!;
  };
  try {
    while (!input.hasTaken || (await input.peek(1)).length > 0) {
      const header = await readFrameHeader(input);
      if (header === undefined) continue;
      if (header.contentSize !== undefined && header.contentSize <= MAX_AT_ONCE) {
        const content = decompress(await wholeFrame(input, header), { maxOutputLength: MAX_AT_ONCE });
        content.catch(() => {}); // it is awaited in its turn
        running.push(content);
        yield* settle(concurrency - 1);
      } else {
        yield* settle(0);
        yield* through(frameBytes(input, header), createZstdDecompress());
      }
    }
    yield* settle(0);
  } finally {
    await Promise.allSettled(running);
  }
}

interface FrameHeader {
  readonly bytes: Buffer;
  /** What the frame holds; absent where its maker did not know it yet. */
  readonly contentSize?: number;
  readonly hasChecksum: boolean;
}

/** Takes the header of a frame; a skippable frame is taken whole and gives nothing. */
async function readFrameHeader(input: LookAhead): Promise<FrameHeader | undefined> {
  const head = await input.peek(5);
  if (head.length < 5 || !isZstd(head)) throw damaged('a frame does not begin as one');
  if (isSkippable(head.readUInt32LE(0))) {
    const size = (await takeAll(input, 8)).readUInt32LE(4);
    for (let left = size; left > 0; left -= MAX_AT_ONCE) await takeAll(input, Math.min(left, MAX_AT_ONCE));
    return undefined;
  }
  const descriptor = head[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeFlag]!;
  const before = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]!;
  const bytes = await takeAll(input, before + sizeBytes);
  const contentSize = sizeBytes === 0 ? undefined : numberAt(bytes, before, sizeBytes);
  return { bytes, hasChecksum: (descriptor & 4) !== 0, ...(contentSize !== undefined && { contentSize }) };
}

/** Two bytes count from 256 on (RFC 8878, 3.1.1.1.4). */
const numberAt = (bytes: Buffer, at: number, size: number): number =>
  size === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, size) + (size === 2 ? 256 : 0);

/** The frame from its header to its end, which only its blocks tell. */
async function* frameBytes(input: LookAhead, header: FrameHeader): AsyncGenerator<Buffer> {
  yield header.bytes;
  for (let isLast = false; !isLast; ) {
    const block = await takeAll(input, BLOCK_HEADER_BYTES);
    const value = block.readUIntLE(0, BLOCK_HEADER_BYTES);
    const kind = (value >> 1) & 3;
    if (kind === RESERVED_BLOCK) throw damaged('a block is of no known kind');
    isLast = (value & 1) === 1;
    yield block;
    yield await takeAll(input, kind === RLE_BLOCK ? 1 : value >> 3);
  }
  if (header.hasChecksum) yield await takeAll(input, CHECKSUM_BYTES);
}

async function wholeFrame(input: LookAhead, header: FrameHeader): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of frameBytes(input, header)) {
    parts.push(part);
    length += part.length;
    // Blocks without content would go on for ever.
    if (length > 2 * MAX_AT_ONCE) throw damaged('a frame is longer than what it says it holds');
  }
  return Buffer.concat(parts);
}

async function takeAll(input: LookAhead, size: number): Promise<Buffer> {
  const taken = await input.take(size);
  if (taken.length < size) throw damaged('it ends in the middle');
  return taken;
}

const isZstdError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^(ZSTD_|Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));

const damaged = (why: string, cause?: Error): Failure =>
  new Failure({
    code: 'formats/zstd-damaged',
    message: `zstd data is damaged: ${why}`,
    hint: 'make or fetch the archive again',
    ...(cause !== undefined && { cause }),
  });
