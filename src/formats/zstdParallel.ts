import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { atLeastOne, convertInParallel, pieces } from './pieces.ts';

const compress = promisify(zstdCompress);

export interface ZstdOptions {
  /** Bytes of input per frame. */
  readonly frameSize?: number;
  /** Frames compressed at a time, on libuv's thread pool. */
  readonly concurrency?: number;
}

/**
 * Compresses a stream as a series of zstd frames (RFC 8878, 3.1), several at a time. Each says how much it holds and
 * carries a checksum; `zstd -d` and GNU tar read such a file as one. An empty input gives one empty frame.
 */
export async function* zstdParallel(
  source: AsyncIterable<Buffer>,
  options: ZstdOptions = {},
): AsyncGenerator<Buffer> {
  const { frameSize = 2 * 1024 * 1024, concurrency = 4 } = options;
  const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };
  yield* convertInParallel(atLeastOne(pieces(source, frameSize)), concurrency, (piece) =>
    compress(piece, { params, pledgedSrcSize: piece.length }),
  );
}
