import { gunzipParallel } from './gunzipParallel.ts';
import { LookAhead } from './lookAhead.ts';
import { isZstd, unzstdParallel } from './unzstdParallel.ts';

const MAGIC_BYTES = 4;

/** Decompresses zstd or gzip, whichever its first bytes show. Failures of the one or the other. */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new LookAhead(source);
  const head = await input.peek(MAGIC_BYTES);
  yield* isZstd(head) ? unzstdParallel(input.rest()) : gunzipParallel(input.rest());
}
