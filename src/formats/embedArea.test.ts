import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOverwrite, findEmbedArea, planEmbedding } from './embedArea.ts';
import type { ByteSource } from './iso9660Reader.ts';
import { renderIso } from './iso9660Writer.ts';

const AREA = 8192;

function imageOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return Buffer.from(
    renderIso({
      volumeId: 'live',
      created: new Date(0),
      rootMode: 0o755,
      entries: Object.entries(files).map(([path, content]) => ({
        path,
        mode: 0o644,
        content: Buffer.from(content as Uint8Array),
      })),
    }),
  );
}

const sourceOf = (bytes: Buffer): ByteSource => ({
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

const findIn = (files: Readonly<Record<string, string | Uint8Array>>): ReturnType<typeof findEmbedArea> =>
  findEmbedArea(sourceOf(imageOf(files)));

describe('the embed area', () => {
  const area = Buffer.alloc(AREA, 0x5a);

  it('is the whole of images/ignition.img where the image does not say it', async () => {
    const image = imageOf({ 'images/ignition.img': area, 'images/rootfs.img': 'x' });
    expect(await findEmbedArea(sourceOf(image))).toEqual({ offset: image.indexOf(area), length: AREA });
  });

  it('is what igninfo.json says, whatever the case of the names', async () => {
    const files = {
      'images/CDBOOT.IMG': area,
      'coreos/IGNINFO.json': '{"file":"/images/cdboot.img","offset":512,"length":1024}',
    };
    const image = imageOf(files);
    expect(await findEmbedArea(sourceOf(image))).toEqual({ offset: image.indexOf(area) + 512, length: 1024 });
  });

  it('ends with the file where only an offset is said', async () => {
    const files = { 'images/a.img': area, 'coreos/igninfo.json': '{"file":"images/a.img","offset":1000}' };
    expect((await findIn(files)).length).toBe(AREA - 1000);
  });

  it.each([
    ['{', 'no JSON'],
    ['null', 'without "file"'],
    ['{"file":1}', 'without "file"'],
    ['{"file":"images/a.img","offset":-1}', 'no whole number'],
    ['{"file":"images/a.img","offset":8000,"length":193}', 'an area of 193 bytes'],
    ['{"file":"images/a.img","offset":8192}', 'an area of 0 bytes'],
    ['{"file":"images/b.img"}', 'has no file images/b.img'],
  ])('is refused where igninfo.json is %s', async (info, message) => {
    await expect(findIn({ 'images/a.img': area, 'coreos/igninfo.json': info })).rejects.toThrow(message);
  });

  it('is refused in an image that is no CoreOS', async () => {
    await expect(findIn({ 'readme.txt': 'x' })).rejects.toThrow('has no file images/ignition.img');
  });
});

describe('embedding', () => {
  it('refuses what does not fit by one byte', () => {
    const area = { offset: 4096, length: 10 };
    expect(planEmbedding(area, Buffer.alloc(10, 1)).bytes).toEqual(Buffer.alloc(10, 1));
    expect(() => planEmbedding(area, Buffer.alloc(11))).toThrow(
      'content length (11) exceeds embed area size (10)',
    );
  });

  it('changes the area and nothing else, however the stream is cut', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.nat(60),
        fc.uint8Array({ maxLength: 30 }),
        async (stream, offset, archive) => {
          const before = Buffer.concat(stream);
          const length = Math.max(0, Math.min(30, before.length - offset));
          fc.pre(archive.length <= length);
          const plan = planEmbedding({ offset, length }, archive);
          const copies = stream.map((piece) => Buffer.from(piece));
          const after = Buffer.concat(await collect(applyOverwrite(asyncOf(copies), plan)));
          const wanted = Buffer.from(before);
          if (length > 0) wanted.fill(0, offset, offset + length).set(archive, offset);
          expect(after.equals(wanted)).toBe(true);
        },
      ),
    );
  });
});

async function* asyncOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}
