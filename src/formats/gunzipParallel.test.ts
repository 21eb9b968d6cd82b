import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gunzipParallel } from './gunzipParallel.ts';
import { MEMBER_HEAD, memberLength } from './gzipMember.ts';
import { gzipParallel } from './gzipParallel.ts';

/** The bytes in chunks of that size. */
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const chunk of source) found.push(chunk);
  return Buffer.concat(found);
}

const pack = (bytes: Buffer, memberSize: number): Promise<Buffer> =>
  collect(gzipParallel(inChunks(bytes, 77), { memberSize }));

const unpack = (packed: Buffer, chunk = 1000): Promise<Buffer> =>
  collect(gunzipParallel(inChunks(packed, chunk), 3));

test('any bytes come back, in any chunks, from members of ours, of others, and from both in a row', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 1, max: 150 }),
      async (a, b, size) => {
        const ours = Buffer.from(a);
        const other = Buffer.from(b);
        const packed = await pack(ours, size);
        const foreign = gzipSync(other);
        expect(await unpack(packed, size)).toEqual(ours);
        expect(await unpack(foreign, size)).toEqual(other);
        const both = Buffer.concat([packed, foreign, packed]);
        expect(await unpack(both, size)).toEqual(Buffer.concat([ours, other, ours]));
      },
    ),
    { numRuns: 40 },
  );
});

test('a member carries its length where any reader passes over it', async () => {
  const bytes = randomBytes(50);
  const packed = await pack(bytes, 1000);
  expect(memberLength(packed)).toBe(packed.length);
  expect(memberLength(packed.subarray(0, MEMBER_HEAD - 1))).toBeUndefined();
  expect(memberLength(gzipSync(bytes))).toBeUndefined();
  expect(gunzipSync(packed)).toEqual(bytes);
});

test('cut anywhere, it is a Failure or ends after a whole member', async () => {
  const bytes = randomBytes(60);
  const packed = await pack(bytes, 20);
  const first = memberLength(packed)!;
  for (let cut = 0; cut < packed.length; cut++) {
    const read = unpack(packed.subarray(0, cut));
    if (cut > 0 && cut % first === 0) expect(bytes.subarray(0, (cut / first) * 20)).toEqual(await read);
    else await expect(read).rejects.toMatchObject({ code: 'formats/gzip-damaged' });
  }
});

test.each([
  ['nothing', () => 0],
  ['too little', (length: number) => length - 1],
  ['a byte of the next one', (length: number) => length + 1],
])('a member that claims %s as its length is a Failure', async (_what, claimed) => {
  const packed = await pack(randomBytes(40), 20);
  packed.writeUInt32LE(claimed(packed.length / 2), MEMBER_HEAD - 4);
  await expect(unpack(packed)).rejects.toMatchObject({ code: 'formats/gzip-damaged' });
});

test('a member that claims to be too long to be held is read as a stream, where lengths do not matter', async () => {
  const bytes = randomBytes(40);
  const packed = await pack(bytes, 100);
  packed.writeUInt32LE(2 ** 32 - 1, MEMBER_HEAD - 4);
  expect(await unpack(packed)).toEqual(bytes);
});

test('a small member that grows without end is a Failure', async () => {
  const bomb = await collect(
    gzipParallel(inChunks(Buffer.alloc(20 * 1024 * 1024), 1024 * 1024), { memberSize: 20 * 1024 * 1024 }),
  );
  await expect(unpack(bomb, bomb.length)).rejects.toMatchObject({ code: 'formats/gzip-damaged' });
});

test('an error of the source is passed on as it is', async () => {
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield (await pack(randomBytes(40), 10)).subarray(0, 50);
    throw new Error('pipe broke');
  };
  await expect(collect(gunzipParallel(broken()))).rejects.toThrow('pipe broke');
});
