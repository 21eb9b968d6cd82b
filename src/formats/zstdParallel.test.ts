import { randomBytes } from 'node:crypto';
import { constants, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decompress } from './decompress.ts';
import { unzstdParallel } from './unzstdParallel.ts';
import { zstdParallel } from './zstdParallel.ts';

/** The bytes in chunks of that size. */
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const chunk of source) found.push(chunk);
  return Buffer.concat(found);
}

const pack = (bytes: Buffer, frameSize: number): Promise<Buffer> =>
  collect(zstdParallel(inChunks(bytes, 77), { frameSize }));

const unpack = (packed: Buffer, chunk = 1000): Promise<Buffer> =>
  collect(unzstdParallel(inChunks(packed, chunk), 3));

/** As other programs put them between frames: `zstd:chunked` layers end with one. */
function skippable(content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a57, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** A stream does not know its length, so its frame does not say it. */
const silentFrame = (bytes: Buffer): Buffer =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });

test('any bytes come back, in any chunks, from frames of ours, of others, and with others in between', async () => {
  const bytes = fc.uint8Array({ maxLength: 700 });
  const size = fc.integer({ min: 1, max: 300 });
  const property = fc.asyncProperty(bytes, bytes, size, async (a, b, at) => {
    const ours = Buffer.from(a);
    const other = Buffer.from(b);
    const packed = await pack(ours, at);
    expect(await unpack(packed, at)).toEqual(ours);
    const mixed = [packed, skippable(other), silentFrame(other), packed, skippable(Buffer.alloc(0))];
    expect(await unpack(Buffer.concat(mixed), at)).toEqual(Buffer.concat([ours, other, ours]));
  });
  await fc.assert(property, { numRuns: 40 });
});

test.each([0, 1, 255, 256, 257, 65_535, 65_536, 300_000])(
  '%i bytes, whose size is written in every length, come back',
  async (length) => {
    const bytes = randomBytes(length);
    const packed = await pack(bytes, 1_000_000);
    expect(zstdDecompressSync(packed).equals(bytes)).toBe(true);
    expect((await unpack(packed)).equals(bytes)).toBe(true);
  },
);

test('cut anywhere, it is a Failure or ends after a whole frame', async () => {
  const bytes = randomBytes(60);
  const packed = await pack(bytes, 20);
  const frame = packed.length / 3;
  for (let cut = 0; cut < packed.length; cut++) {
    const read = unpack(packed.subarray(0, cut));
    if (cut > 0 && cut % frame === 0) expect(await read).toEqual(bytes.subarray(0, (cut / frame) * 20));
    else await expect(read).rejects.toMatchObject({ code: 'formats/zstd-damaged' });
  }
});

test('a changed byte of the content is a Failure', async () => {
  const packed = await pack(randomBytes(4000), 10_000);
  packed[2000]! ^= 1;
  await expect(unpack(packed)).rejects.toMatchObject({ code: 'formats/zstd-damaged' });
});

test('both kinds of archives are told apart by their first bytes', async () => {
  const bytes = randomBytes(3000);
  expect(await collect(decompress(inChunks(gzipSync(bytes), 3)))).toEqual(bytes);
  expect(await collect(decompress(inChunks(await pack(bytes, 1000), 3)))).toEqual(bytes);
  await expect(collect(decompress(inChunks(bytes, 100)))).rejects.toMatchObject({
    code: 'formats/gzip-damaged',
  });
});
