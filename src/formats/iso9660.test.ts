import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#base/failure.ts';
import { FIRST_DESCRIPTOR, FLAG_MULTI_EXTENT, type IsoPlan, type IsoPlanEntry, SECTOR } from './iso9660.ts';
import { type ByteSource, findIsoVolumeId, readIso, readIsoFile } from './iso9660Reader.ts';
import { renderIso } from './iso9660Writer.ts';

const CREATED = new Date('2031-04-05T06:07:08.090Z');

const bytesSource = (bytes: Uint8Array): ByteSource => ({
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

const planOf = (entries: readonly IsoPlanEntry[]): IsoPlan => ({
  volumeId: 'some-volume',
  created: CREATED,
  rootMode: 0o700,
  entries,
});

/** Path -> mode and text (undefined for directories), as the reader sees an image. */
async function contentOf(
  image: Uint8Array,
): Promise<Record<string, { mode: number; text: string | undefined }>> {
  const source = bytesSource(image);
  const { entries } = await readIso(source);
  const listed = entries.map(async (entry) => {
    const text = entry.kind === 'file' ? (await readIsoFile(source, entry)).toString('latin1') : undefined;
    return [entry.path, { mode: entry.mode, text }] as const;
  });
  return Object.fromEntries(await Promise.all(listed));
}

const name = fc
  .array(fc.constantFrom(...'abzAZ09._-+é ü,;'.split('')), { minLength: 1, maxLength: 120 })
  .map((letters) => letters.join(''))
  .filter((text) => text !== '.' && text !== '..');

/** Files in up to three levels of directories; a name stands for a file or a directory, not both. */
const files = fc
  .uniqueArray(
    fc.record({
      folders: fc.array(name, { maxLength: 3 }),
      file: name,
      mode: fc.integer({ min: 0, max: 0o777 }),
      content: fc.uint8Array({ maxLength: 5000 }),
    }),
    {
      maxLength: 25,
      selector: ({ folders, file }) => [...folders.map((f) => `d${f}`), `f${file}`].join('/'),
    },
  )
  .map((list) =>
    list.map(({ folders, file, mode, content }) => ({
      path: [...folders.map((f) => `d${f}`), `f${file}`].join('/'),
      mode,
      content,
    })),
  );

describe('ISO 9660', () => {
  it('gives back every path, mode and byte that was written', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const found = await contentOf(renderIso(planOf(entries)));
        for (const { path, mode, content } of entries) {
          expect(found[path]).toEqual({ mode, text: Buffer.from(content).toString('latin1') });
        }
        const filesFound = Object.values(found).filter(({ text }) => text !== undefined);
        expect(filesFound).toHaveLength(entries.length);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps names of 255 bytes and hundreds of entries in one directory', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => ({
      path: `many/${'n'.repeat(i % 2 === 0 ? 251 : 3)}${String(i).padStart(4, '0')}`,
      mode: 0o644,
      content: Buffer.from(`content ${i}`),
    }));
    const found = await contentOf(renderIso(planOf(entries)));
    expect(Object.keys(found)).toHaveLength(301);
    for (const { path, content } of entries) expect(found[path]?.text).toBe(content.toString());
  });

  it('is the same bytes for the same plan, in whatever order', () => {
    const a = { path: 'x/a', mode: 0o644, content: Buffer.from('a') };
    const b = { path: 'x/b', mode: 0o600, content: Buffer.from('b') };
    expect(renderIso(planOf([b, a])).equals(renderIso(planOf([a, b])))).toBe(true);
  });

  it('tells the volume id, and nothing for what is no volume', async () => {
    const image = renderIso(planOf([]));
    expect(await findIsoVolumeId(bytesSource(image))).toBe('some-volume');
    expect(await findIsoVolumeId(bytesSource(Buffer.alloc(0)))).toBeUndefined();
    expect(await findIsoVolumeId(bytesSource(Buffer.alloc(1 << 20)))).toBeUndefined();
    image[FIRST_DESCRIPTOR + 3] = 0;
    expect(await findIsoVolumeId(bytesSource(image))).toBeUndefined();
  });

  it.each([
    ['../up', 'is no relative path'],
    ['/absolute', 'is no relative path'],
    ['a//b', 'is no relative path'],
    ['a/b/c/d/e/f/g/h/i', 'is too deep'],
    ['file/below', 'lies below a file'],
    ['file', 'is given twice'],
    ['n'.repeat(256), 'more than 255 bytes'],
  ])('refuses the path %s', (path, reason) => {
    const file = { path: 'file', mode: 0o644, content: Buffer.alloc(1) };
    expect(() => renderIso(planOf([file, { ...file, path }]))).toThrow(reason);
  });

  it.each(['', 'x'.repeat(33), 'ünder'])('refuses the volume id "%s"', (volumeId) => {
    expect(() => renderIso({ ...planOf([]), volumeId })).toThrow('volume id');
  });
});

describe('reading a broken volume', () => {
  const image = (): Buffer =>
    renderIso(planOf([{ path: 'dir/file', mode: 0o644, content: Buffer.from('text') }]));

  const rootExtent = (bytes: Buffer): number => bytes.readUInt32LE(FIRST_DESCRIPTOR + 156 + 2) * SECTOR;

  /** Offset of the record after `.` and `..`. */
  function firstRecord(bytes: Buffer, directory: number): number {
    const second = directory + bytes[directory]!;
    return second + bytes[second]!;
  }

  it('names a directory that contains itself', async () => {
    const bytes = image();
    const record = firstRecord(bytes, rootExtent(bytes));
    bytes.writeUInt32LE(rootExtent(bytes) / SECTOR, record + 2);
    await expect(readIso(bytesSource(bytes))).rejects.toThrow('a directory that contains itself at dir');
  });

  it('refuses a file in several extents', async () => {
    const bytes = image();
    const directory = bytes.readUInt32LE(firstRecord(bytes, rootExtent(bytes)) + 2) * SECTOR;
    const record = firstRecord(bytes, directory);
    bytes[record + 25]! |= FLAG_MULTI_EXTENT;
    await expect(readIso(bytesSource(bytes))).rejects.toThrow('dir/file is a file in several extents');
  });

  it('refuses names that would leave the directory they are copied to', async () => {
    const bytes = image();
    const at = bytes.indexOf('NM', rootExtent(bytes));
    bytes.write('../', at + 5, 'ascii');
    await expect(readIso(bytesSource(bytes))).rejects.toThrow('unusable name "../"');
  });

  it('fails with a Failure, or reads, whatever bytes are flipped', async () => {
    const good = image();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1 - FIRST_DESCRIPTOR), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 12,
        }),
        async (flips) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of flips) bytes[FIRST_DESCRIPTOR + at] = value;
          await contentOf(bytes).catch((error: unknown) => expect(error).toBeInstanceOf(Failure));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('fails with a Failure wherever the image is cut off', async () => {
    const good = image();
    for (let sectors = 17; sectors < good.length / SECTOR; sectors++) {
      const cut = contentOf(good.subarray(0, sectors * SECTOR));
      await expect(cut).rejects.toBeInstanceOf(Failure);
    }
  });
});
