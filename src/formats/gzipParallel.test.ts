import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gzipParallel } from './gzipParallel.ts';

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const chunk of source) found.push(chunk);
  return found;
}

test('any chunks come back as the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.integer({ min: 1, max: 99 }),
      async (chunks, memberSize) => {
        const packed = await collect(gzipParallel(chunksOf(chunks), { memberSize, concurrency: 3 }));
        expect(gunzipSync(Buffer.concat(packed))).toEqual(Buffer.concat(chunks));
      },
    ),
    { numRuns: 50 },
  );
});

test('members are independent: one per piece of input', async () => {
  const packed = await collect(gzipParallel(chunksOf([Buffer.alloc(10, 'x')]), { memberSize: 4 }));
  expect(packed.map((member) => gunzipSync(member).toString())).toEqual(['xxxx', 'xxxx', 'xx']);
});

test('an error of the source is passed on', async () => {
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.alloc(9);
    throw new Error('pipe broke');
  };
  await expect(collect(gzipParallel(broken(), { memberSize: 2 }))).rejects.toThrow('pipe broke');
});
