import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LayerCompression, openLayer, readOciImage, writeOciImage } from '#formats/ociLayout.ts';
import { type TarSource, writeTar } from '#formats/tar.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-oci-'));
});
afterAll(() => rm(folder, { recursive: true }));

const content = randomBytes(300_000);
const member = (): TarSource => ({
  path: 'opt/data',
  mode: 0o644,
  size: content.length,
  content: Readable.from([content]),
});

async function writeImage(name: string, compression: LayerCompression): Promise<string> {
  return writeOciImage(
    {
      layers: [{ tar: writeTar([member()]), compression }],
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      config: { Labels: { 'org.example.label': '{"a":"b"}' }, Entrypoint: ['/opt/data'] },
      reference: 'v1',
    },
    localLayout(path(name)),
  );
}

describe.each(['gzip', 'zstd', 'none'] as const)('an image with a %s layer', (compression) => {
  it('is read by skopeo with its digest and labels', async () => {
    const digest = await writeImage(`ours-${compression}`, compression);
    const { stdout } = await localHost.run(['skopeo', 'inspect', `oci:${path(`ours-${compression}`)}:v1`]);
    expect(JSON.parse(stdout)).toMatchObject({
      Digest: digest,
      Labels: { 'org.example.label': '{"a":"b"}' },
      Architecture: 'amd64',
    });
  });

  it('comes back from a copy by skopeo, which checks every digest', async () => {
    await writeImage(`source-${compression}`, compression);
    const copy = path(`copy-${compression}`);
    await localHost.run(['skopeo', 'copy', `oci:${path(`source-${compression}`)}:v1`, `oci:${copy}:v2`]);
    const store = localLayout(copy);
    const image = await readOciImage(store, 'v2');
    expect(image.config.config?.Labels).toEqual({ 'org.example.label': '{"a":"b"}' });
    const chunks: Buffer[] = [];
    for await (const chunk of openLayer(image.layers[0]!, store)) chunks.push(chunk);
    expect(Buffer.concat(chunks).includes(content)).toBe(true);
  });
});
