import { promisify } from 'node:util';
import { deflateRawSync, gzip } from 'node:zlib';
import { labelMember } from './gzipMember.ts';
import { atLeastOne, convertInParallel, pieces } from './pieces.ts';

const compress = promisify(gzip);
const SAMPLE = 4096;

export interface GzipOptions {
  /** zlib level; default 1: the archives hold much that is compressed already, and time counts more than size. */
  readonly level?: number;
  /** Bytes of input per gzip member. */
  readonly memberSize?: number;
  /** Members compressed at a time, on libuv's thread pool. */
  readonly concurrency?: number;
}

/**
 * Compresses a stream as a series of gzip members (RFC 1952, 2.2), several at a time. `gunzip`, GNU tar, Go's reader
 * and node:zlib all read such a file as one; an empty input gives one empty member. Each member says how long it is,
 * so that `gunzipParallel` can take them apart without reading them.
 */
export async function* gzipParallel(
  source: AsyncIterable<Buffer>,
  options: GzipOptions = {},
): AsyncGenerator<Buffer> {
  const { level = 1, memberSize = 1024 * 1024, concurrency = 4 } = options;
  const member = async (piece: Buffer): Promise<Buffer> =>
    labelMember(await compress(piece, { level: isCompressible(piece) ? level : 0 }));
  yield* convertInParallel(atLeastOne(pieces(source, memberSize)), concurrency, member);
}

/** Archives within archives: storing what a sample shows to be compressed already is ten times as fast. */
function isCompressible(piece: Buffer): boolean {
  const middle = piece.length >> 1;
  const sample = piece.subarray(middle, middle + SAMPLE);
  return deflateRawSync(sample, { level: 1 }).length < sample.length * 0.95;
}
