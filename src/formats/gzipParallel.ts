import { promisify } from 'node:util';
import { deflateRawSync, gzip } from 'node:zlib';
import { labelMember } from './gzipMember.ts';

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
  const running: Promise<Buffer>[] = [];
  let started = false;
  try {
    for await (const piece of pieces(source, memberSize)) {
      started = true;
      running.push(member(piece));
      if (running.length >= concurrency) yield await running.shift()!;
    }
    if (!started) running.push(member(Buffer.alloc(0)));
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}

/** Archives within archives: storing what a sample shows to be compressed already is ten times as fast. */
function isCompressible(piece: Buffer): boolean {
  const middle = piece.length >> 1;
  const sample = piece.subarray(middle, middle + SAMPLE);
  return deflateRawSync(sample, { level: 1 }).length < sample.length * 0.95;
}

async function* pieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - length);
      parts.push(part);
      length += part.length;
      at += part.length;
      if (length === size) {
        yield Buffer.concat(parts);
        parts = [];
        length = 0;
      }
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}
