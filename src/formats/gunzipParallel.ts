import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { Failure } from '#base/failure.ts';
import { MEMBER_HEAD, memberLength } from './gzipMember.ts';
import { LookAhead } from './lookAhead.ts';
import { through } from './through.ts';

const decompress = promisify(gunzip);
/** What an archive may claim for one member; `gzipParallel` stays far below. */
const MAX_MEMBER = 16 * 1024 * 1024;

/**
 * Decompresses gzip of any origin. Members of `gzipParallel` are decompressed `concurrency` at a time on libuv's
 * thread pool; from the first other one on the rest is read as one stream. Failure `formats/gzip-damaged`.
 */
export async function* gunzipParallel(
  source: AsyncIterable<Buffer>,
  concurrency = 4,
): AsyncGenerator<Buffer> {
  try {
    yield* plainBytes(new LookAhead(source), concurrency);
  } catch (error) {
    throw isZlibError(error) ? damaged(error) : error;
  }
}

async function* plainBytes(input: LookAhead, concurrency: number): AsyncGenerator<Buffer> {
  const running: Promise<Buffer>[] = [];
  try {
    for (;;) {
      const length = memberLength(await input.peek(MEMBER_HEAD));
      if (length === undefined || length > MAX_MEMBER) break;
      const member = decompress(await input.take(length), { maxOutputLength: MAX_MEMBER });
      member.catch(() => {}); // it is awaited in its turn
      running.push(member);
      if (running.length >= concurrency) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
    // An empty file is no gzip; the end after a member is one.
    if (!input.hasTaken || (await input.peek(1)).length > 0) yield* through(input.rest(), createGunzip());
  } finally {
    await Promise.allSettled(running);
  }
}

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));

const damaged = (cause: Error): Failure =>
  new Failure({
    code: 'formats/gzip-damaged',
    message: `gzip data is damaged: ${cause.message}`,
    hint: 'make or fetch the archive again',
    cause,
  });
