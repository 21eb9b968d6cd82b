/** The bytes of a stream in pieces of `size` bytes; only the last one may be shorter. */
export async function* pieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
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

/** The pieces, or one empty piece of an empty stream: an empty file is no compressed file. */
export async function* atLeastOne(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let any = false;
  for await (const piece of source) {
    any = true;
    yield piece;
  }
  if (!any) yield Buffer.alloc(0);
}

/** What `convert` makes of each piece, in order; `concurrency` of them are at work at a time. */
export async function* convertInParallel(
  source: AsyncIterable<Buffer>,
  concurrency: number,
  convert: (piece: Buffer) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  const running: Promise<Buffer>[] = [];
  try {
    for await (const piece of source) {
      const converted = convert(piece);
      converted.catch(() => {}); // it is awaited in its turn
      running.push(converted);
      if (running.length >= concurrency) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
