import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readOciImage } from '#formats/ociLayout.ts';
import { downloadImage } from '#system/imageDownload.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';
import { NO_CREDENTIALS, parseCredentials } from '#system/registryCredentials.ts';
import { type OpenedImage, openRemoteImage, type RegistryClientOptions } from '#system/remoteImages.ts';
import { digestOf, type FaultyRegistry, serve, stall, startFaultyRegistry } from './faultyRegistry.ts';
import { ARCHITECTURE, pushSmallImage, scratch, startRegistry } from './seedFixture.ts';

const layer = randomBytes(300_000);
let base: string;
let registry: FaultyRegistry;
let told: string[];

beforeEach(async () => {
  base = await scratch();
  registry = await startFaultyRegistry(layer, { a: 'b' });
  told = [];
  return async () => {
    await registry.stop();
    await rm(base, { recursive: true, force: true });
  };
});

const retries = () => ({
  attempts: 3,
  firstPauseSeconds: 0.01,
  onRetry: (reason: string) => void told.push(reason),
});
const options = (more: Partial<RegistryClientOptions> = {}): RegistryClientOptions => ({
  credentials: NO_CREDENTIALS,
  registries: [{ prefix: 'r.test', location: registry.address, insecure: true, mirrors: [] }],
  env: {},
  idleSeconds: 20,
  retries: retries(),
  architecture: ARCHITECTURE,
  ...more,
});
const openSeed = (more?: Partial<RegistryClientOptions>) => openRemoteImage('r.test/seed:1', options(more));
const directory = () => join(base, 'layout');

async function fetchImage(image: OpenedImage): Promise<number[]> {
  const seen: number[] = [];
  await downloadImage({
    image,
    directory: directory(),
    retries: retries(),
    onProgress: (done) => void seen.push(done),
  });
  return seen;
}

async function expectWhole(): Promise<void> {
  const { layers } = await readOciImage(localLayout(directory()));
  expect(layers.map(({ digest }) => digest)).toEqual([digestOf(layer)]);
  expect(await readFile(join(directory(), 'blobs/sha256', digestOf(layer).slice(7)))).toEqual(layer);
  expect((await readdir(join(directory(), 'blobs/sha256'))).filter((n) => n.endsWith('.part'))).toEqual([]);
}

test('reads labels, size and architecture with two requests, and fetches the image with progress', async () => {
  const image = await openSeed();
  expect(image).toMatchObject({ labels: { a: 'b' }, layerBytes: layer.length, architecture: ARCHITECTURE });
  expect(registry.requests).toHaveLength(2);
  const seen = await fetchImage(image);
  expect(seen.at(-1)).toBe(layer.length);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  await expectWhole();
});

test('agrees with skopeo about an image in a real registry', async () => {
  const real = await startRegistry(base);
  try {
    const spec = await pushSmallImage(real, base);
    const registries = [{ prefix: real.alias, location: real.address, insecure: true, mirrors: [] }];
    const found = await openRemoteImage(spec, options({ registries }));
    const argv = ['skopeo', `--registries-conf=${real.conf}`, 'inspect', '--no-tags', `docker://${spec}`];
    const theirs = JSON.parse((await localHost.run(argv)).stdout) as { Digest: string; Layers: string[] };
    expect(found.digest).toBe(theirs.Digest);
    expect(found.manifest.layers.map(({ digest }) => digest)).toEqual(theirs.Layers);
  } finally {
    await real.stop();
  }
});

test('a connection that is cut again and again goes on where it stood', async () => {
  registry.misbehaviour.layer = ({ from, content, response }) => {
    if (from > 250_000) return false;
    serve(response, content, from, from + 50_000);
    return true;
  };
  await fetchImage(await openSeed());
  expect(registry.asked.length).toBeGreaterThan(retries().attempts);
  expect(registry.asked).toEqual([...registry.asked].sort((a, b) => a - b));
  expect(new Set(registry.asked).size).toBe(registry.asked.length);
  expect(told[0]).toMatch(/cut the connection|ended sha256/);
  await expectWhole();
});

test('a connection that stalls is given up and goes on', async () => {
  registry.misbehaviour.layer = ({ nth, from, content, response }) => {
    if (nth > 1) return false;
    stall(response, content, from, 100_000);
    return true;
  };
  await fetchImage(await openSeed({ idleSeconds: 1 }));
  expect(told[0]).toMatch(/sent nothing for 1 s/);
  expect(registry.asked).toEqual([0, 100_000]);
  await expectWhole();
});

test('a registry that only stalls is a failure of that name, after the attempts it has', async () => {
  const image = await openSeed({ idleSeconds: 1 });
  registry.misbehaviour.layer = () => true;
  await expect(fetchImage(image)).rejects.toMatchObject({ code: 'system/registry-stalled' });
  expect(registry.asked).toHaveLength(3);
});

test('a corrupt blob is seen by its digest and fetched again', async () => {
  const damaged = Buffer.from(layer);
  damaged[1000]! ^= 1;
  registry.misbehaviour.layer = ({ nth, response }) => {
    if (nth === 1) serve(response, damaged, 0);
    return nth === 1;
  };
  await fetchImage(await openSeed());
  expect(registry.asked).toEqual([0, 0]);
  await expectWhole();
});

test('a blob that stays corrupt, or is too long, is a failure and leaves nothing that looks whole', async () => {
  const image = await openSeed();
  registry.misbehaviour.layer = ({ response }) => {
    response.end(Buffer.concat([layer, layer]));
    return true;
  };
  await expect(fetchImage(image)).rejects.toMatchObject({ code: 'system/registry-blob-corrupt' });
  const damaged = Buffer.from(layer).fill(7, 200_000);
  registry.misbehaviour.layer = ({ response, from }) => {
    serve(response, damaged, from);
    return true;
  };
  await expect(fetchImage(image)).rejects.toMatchObject({ code: 'system/registry-blob-corrupt' });
  const names = await readdir(join(directory(), 'blobs/sha256'));
  expect(names).toEqual([image.manifest.config.digest.slice(7)]);
});

test('a later run goes on with what an earlier one has left, and keeps what is whole', async () => {
  const image = await openSeed();
  const blobs = join(directory(), 'blobs/sha256');
  registry.misbehaviour.layer = ({ from, content, response, nth }) => {
    if (nth === 1) serve(response, content, from, 120_000);
    else response.writeHead(403).end();
    return true;
  };
  await expect(fetchImage(image)).rejects.toMatchObject({ code: 'system/registry-unauthorized' });
  expect((await stat(join(blobs, `${digestOf(layer).slice(7)}.part`))).size).toBe(120_000);
  registry.misbehaviour = {};
  await fetchImage(image);
  expect(registry.asked.at(-1)).toBe(120_000);
  await expectWhole();
  const before = registry.asked.length;
  await fetchImage(image);
  expect(registry.asked).toHaveLength(before);
  await writeFile(join(blobs, digestOf(layer).slice(7)), 'damaged on the disk');
  await fetchImage(image);
  await expectWhole();
});

test('a server that knows no ranges is read from the start', async () => {
  registry.misbehaviour.layer = ({ nth, content, response }) => {
    serve(response, content, 0, nth === 1 ? 100_000 : content.length);
    return true;
  };
  await fetchImage(await openSeed());
  await expectWhole();
});

test.each([
  [401, 'system/registry-unauthorized', 1],
  [403, 'system/registry-unauthorized', 1],
  [404, 'system/registry-has-no-image', 1],
  [429, 'system/registry-busy', 3],
  [500, 'system/registry-failing', 3],
])('status %i is %s after %i attempts', async (status, reason, attempts) => {
  registry.misbehaviour.anything = (_, response) => {
    response.writeHead(status).end();
    return true;
  };
  const failure = await openSeed().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'system/image-unreadable', facts: { reason } });
  expect((failure as { hint: string }).hint).not.toBe('');
  expect(registry.requests).toHaveLength(attempts);
});

test('a registry that is not there', async () => {
  await registry.stop();
  await expect(openSeed()).rejects.toMatchObject({ facts: { reason: 'system/registry-unreachable' } });
});

test('signs in with the credentials of the most particular entry, at the place that the registry names', async () => {
  const auth = (user: string) => ({ auth: Buffer.from(user).toString('base64') });
  const credentials = parseCredentials(
    JSON.stringify({
      auths: { [registry.address]: auth('other:no'), [`${registry.address}/seed`]: auth('me:secret') },
    }),
  );
  const seen: (string | undefined)[] = [];
  registry.misbehaviour.anything = ({ url, headers }, response) => {
    if (url?.startsWith('/token')) {
      seen.push(headers.authorization, url);
      response.end(JSON.stringify({ token: 'T' }));
      return true;
    }
    if (headers.authorization === 'Bearer T') return false;
    const realm = `http://${registry.address}/token`;
    const challenge = `Bearer realm="${realm}",service="s",scope="repository:seed:pull"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return true;
  };
  await openSeed({ credentials });
  expect(seen[0]).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  expect(seen[1]).toContain('scope=repository%3Aseed%3Apull');
});

test('a mirror that fails is passed over; of tags only the location itself is asked where mirrors are for digests', async () => {
  const mirrors = [{ location: '127.0.0.1:1', insecure: true }];
  const entry = { prefix: 'r.test', location: registry.address, insecure: true, mirrors };
  const image = await openSeed({ registries: [entry] });
  await fetchImage(image);
  await expectWhole();
  const byDigestOnly = { ...entry, mirrorByDigestOnly: true as const, location: '127.0.0.1:1' };
  const lost = { ...byDigestOnly, mirrors: [{ location: registry.address, insecure: true }] };
  await expect(openSeed({ registries: [lost] })).rejects.toThrow('could not read image');
  const pinned = await openRemoteImage(`r.test/seed@${image.digest}`, options({ registries: [lost] }));
  expect(pinned.digest).toBe(image.digest);
});

test('plain HTTP needs permission', async () => {
  const entry = { prefix: 'r.test', location: registry.address, insecure: false, mirrors: [] };
  await expect(openSeed({ registries: [entry] })).rejects.toThrow('could not read image');
});
