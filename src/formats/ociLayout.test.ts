import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LayerCompression,
  type LayoutStore,
  type OciManifest,
  openLayer,
  readOciImage,
  writeOciImage,
} from './ociLayout.ts';

const sha256 = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

class MemoryLayout implements LayoutStore {
  readonly files = new Map<string, string>();
  readonly blobs = new Map<string, Buffer>();

  async addBlob(content: AsyncIterable<Buffer>) {
    const data = await collect(content);
    this.blobs.set(sha256(data), data);
    return { digest: sha256(data), size: data.length };
  }
  openBlob(digest: string): AsyncIterable<Buffer> {
    return Readable.from([this.blobs.get(digest)!]);
  }
  async writeText(name: string, text: string) {
    this.files.set(name, text);
  }
  async readText(name: string) {
    return this.files.get(name) ?? '';
  }
}

async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const compression = fc.constantFrom<LayerCompression>('gzip', 'zstd', 'none');
const layer = fc.record({ chunks: fc.array(fc.uint8Array({ minLength: 1 })), compression });

async function written(layers: { chunks: Uint8Array[]; compression: LayerCompression }[], reference = 'tag') {
  const store = new MemoryLayout();
  const digest = await writeOciImage(
    {
      layers: layers.map(({ chunks, ...rest }) => ({
        tar: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
        ...rest,
      })),
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      config: { Labels: { 'an.example/label': 'value' } },
      reference,
    },
    store,
  );
  return { store, digest };
}

describe('an image written to a layout', () => {
  it('gives back its layers, its labels and its digest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { maxLength: 3 }), async (layers) => {
        const { store, digest } = await written(layers);
        const image = await readOciImage(store, 'tag');
        expect(image.manifestDigest).toBe(digest);
        expect(image.config.config?.Labels).toEqual({ 'an.example/label': 'value' });
        for (const [index, { chunks }] of layers.entries()) {
          const tar = await collect(openLayer(image.layers[index]!, store));
          expect(tar.equals(Buffer.concat(chunks))).toBe(true);
          expect(image.config.rootfs.diff_ids[index]).toBe(sha256(tar));
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['gzip', gunzipSync],
    ['zstd', zstdDecompressSync],
    ['none', (data: Buffer) => data],
  ] as const)('stores a %s layer under the media type that says so', async (kind, decompress) => {
    const data = Buffer.from('a layer '.repeat(1000));
    const { store, digest } = await written([{ chunks: [data], compression: kind }]);
    const manifest = JSON.parse(store.blobs.get(digest)!.toString()) as OciManifest;
    const [descriptor] = manifest.layers;
    expect(descriptor?.mediaType).toBe(
      `application/vnd.oci.image.layer.v1.tar${kind === 'none' ? '' : `+${kind}`}`,
    );
    const blob = store.blobs.get(descriptor!.digest)!;
    expect(descriptor?.size).toBe(blob.length);
    expect(decompress(blob).equals(data)).toBe(true);
  });

  it('is the same image when it is written twice', async () => {
    const layers = [{ chunks: [Buffer.from('content')], compression: 'gzip' as const }];
    expect((await written(layers)).digest).toBe((await written(layers)).digest);
  });
});

describe('readOciImage', () => {
  it.each(['', '[', 'null', '"text"'])('refuses the index %j', async (text) => {
    const store = new MemoryLayout();
    await store.writeText('index.json', text);
    await expect(readOciImage(store)).rejects.toMatchObject({ code: 'formats/oci-damaged' });
  });

  it('refuses a reference that the index does not hold', async () => {
    const { store } = await written([], 'one');
    await expect(readOciImage(store, 'other')).rejects.toMatchObject({ code: 'formats/oci-image-not-found' });
  });

  it('refuses an index inside the index', async () => {
    const { store } = await written([]);
    const blob = await store.addBlob(Readable.from([Buffer.from('{"manifests":[]}')]));
    await store.writeText('index.json', JSON.stringify({ manifests: [{ mediaType: 'x', ...blob }] }));
    await expect(readOciImage(store)).rejects.toMatchObject({ code: 'formats/oci-no-image-manifest' });
  });

  it('refuses a manifest and a layer whose bytes were changed', async () => {
    const { store, digest } = await written([{ chunks: [Buffer.from('abc')], compression: 'none' }]);
    const image = await readOciImage(store);
    const [only] = image.layers;
    store.blobs.set(only!.digest, Buffer.from('abd'));
    await expect(collect(openLayer(only!, store))).rejects.toMatchObject({ code: 'formats/oci-damaged' });
    store.blobs.set(digest, Buffer.from(`${store.blobs.get(digest)!.toString()} `));
    await expect(readOciImage(store)).rejects.toMatchObject({ code: 'formats/oci-damaged' });
  });

  it('fails on a layer that is cut short', async () => {
    const data = Buffer.from('some content '.repeat(500));
    const { store } = await written([{ chunks: [data], compression: 'gzip' }]);
    const [only] = (await readOciImage(store)).layers;
    store.blobs.set(only!.digest, store.blobs.get(only!.digest)!.subarray(0, -9));
    await expect(collect(openLayer(only!, store))).rejects.toThrow();
  });
});
