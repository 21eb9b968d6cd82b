import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { OciDescriptor } from '#formats/ociLayout.ts';
import { type Retries, withRetries } from './registryRetries.ts';
import { connectionFailure } from './registryTransport.ts';
import { corrupt, type OpenedImage } from './remoteImages.ts';

export interface ImageDownload {
  readonly image: OpenedImage;
  /** Receives an OCI layout; what an earlier run has left there is gone on with. */
  readonly directory: string;
  readonly retries: Retries;
  /** Bytes of the layers that are there. */
  readonly onProgress: (done: number) => void;
}

/**
 * Fetches an image into a layout. A blob grows as `<hex>.part`, which later attempts and later runs go on with, and gets
 * its name when it is whole, has its digest and is on stable storage.
 */
export async function downloadImage(download: ImageDownload): Promise<void> {
  const { image, directory } = download;
  const blobs = join(directory, 'blobs/sha256');
  await mkdir(blobs, { recursive: true, mode: 0o700 });
  const manifest = { digest: image.manifestDigest, size: image.manifestText.length };
  let before = 0;
  for (const blob of [image.manifest.config, ...image.manifest.layers]) {
    const counted = blob === image.manifest.config ? 0 : 1;
    await fetchBlob(
      { ...download, onProgress: (done) => download.onProgress(before + done * counted) },
      blob,
    );
    before += blob.size * counted;
  }
  await writeFile(join(blobs, hexOf(manifest.digest)), image.manifestText);
  const index = { schemaVersion: 2, manifests: [{ mediaType: image.mediaType, ...manifest }] };
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

const hexOf = (digest: string): string => {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex !== undefined) return hex;
  throw new Failure({ code: 'system/oci-digest', message: `not a sha256 digest: ${digest}` });
};

async function fetchBlob(download: ImageDownload, blob: OciDescriptor): Promise<void> {
  const path = join(download.directory, 'blobs/sha256', hexOf(blob.digest));
  const part = `${path}.part`;
  if ((await sizeOf(path)) > 0) {
    if ((await digestOf(path)) === blob.digest) return download.onProgress(blob.size);
    await rm(path); // the disk lost what it had promised to keep
  }
  let most = await sizeOf(part);
  await withRetries(
    download.retries,
    async () => {
      try {
        await fetchRest(download, blob, part);
      } finally {
        most = Math.max(most, await sizeOf(part));
      }
    },
    () => most,
  );
  await rename(part, path);
  await syncDirectory(dirname(path));
}

/** One attempt; what it gets stays in the part, unless it is not what was asked for. */
async function fetchRest({ image, onProgress }: ImageDownload, blob: OciDescriptor, part: string) {
  const hash = createHash('sha256');
  let have = await sizeOf(part);
  if (have < blob.size) {
    const response = await image.openBlob(blob.digest, have);
    const isRest = response.headers['content-range']?.startsWith(`bytes ${have}-`) === true;
    if (!isRest) have = 0;
    if (have > 0) await hashFile(part, hash);
    await append(response, part, { hash, have, limit: blob.size, onProgress });
  } else await hashFile(part, hash);
  const size = await sizeOf(part);
  if (size < blob.size) throw cut(size, blob);
  if (`sha256:${hash.digest('hex')}` === blob.digest) return;
  await rm(part, { force: true });
  throw corrupt('the registry', blob.digest);
}

interface Growth {
  readonly hash: Hash;
  readonly have: number;
  readonly limit: number;
  readonly onProgress: (done: number) => void;
}

/** Every byte that came is kept, whatever ends the transfer: the next attempt goes on behind it. */
async function append(response: IncomingMessage, part: string, growth: Growth): Promise<void> {
  let done = growth.have;
  const file = await open(part, growth.have > 0 ? 'a' : 'w', 0o600);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      done += chunk.length;
      // More bytes than announced can only be wrong ones, and must not fill the disk.
      if (done > growth.limit) break;
      growth.hash.update(chunk);
      await file.writeFile(chunk); // goes on at the file's position
      growth.onProgress(done);
    }
    await file.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw diskFull(part, error);
    throw connectionFailure('the registry', error);
  } finally {
    await file.close();
    response.destroy();
  }
  if (done <= growth.limit) return;
  await rm(part, { force: true });
  throw corrupt('the registry', `sha256:${part.split('/').at(-1)!.replace('.part', '')}`);
}

const cut = (size: number, { size: whole, digest }: OciDescriptor): Failure =>
  new Failure({
    code: 'system/registry-cut',
    message: `the registry ended ${digest} after ${size} of ${whole} bytes`,
    hint: 'check the registry and proxies between; the transfer goes on where it stood when it is tried again',
  });

const diskFull = (path: string, cause: unknown): Failure =>
  new Failure({
    code: 'system/disk-full',
    message: `no space left for ${path}`,
    hint: 'use a larger disk, or free some of this one',
    cause,
  });

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await hashFile(path, hash);
  return `sha256:${hash.digest('hex')}`;
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}
