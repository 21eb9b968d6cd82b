import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { debug, info, type Logger, warn } from '#base/logger.ts';
import type { Files } from '#system/host.ts';

/** Gets a file from the network; see system/download.ts. */
export type Download = (request: {
  readonly url: string;
  /** Absolute path where the file will be, whole and checked. */
  readonly path: string;
  /** Of the content; absent: it can not be checked. */
  readonly sha256?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes so far and in all (0: not known). */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}) => Promise<void>;

/** How images get onto this machine. */
export interface ImageSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly download: Download;
  readonly logger: Logger;
}

/** An image that is wanted. */
export interface WantedImage {
  /** In messages: `base ISO image`. */
  readonly name: string;
  readonly location: ImageLocation;
  /** Below the cache directory; the original's, so that what it has downloaded is used too. */
  readonly folder: string;
  /** The next step where the cache or the network can't be used. */
  readonly hint: string;
}

/** Where an image is, and the SHA-256 of its uncompressed content in hex. */
export interface ImageLocation {
  readonly url: string;
  readonly sha256?: string;
}

const PERCENT_STEP = 10;

/** The location that a URL with the parameter `sha256` says. The text must be a URL. */
export function locationOfUrl(text: string): ImageLocation {
  const url = new URL(text);
  const sha256 = url.searchParams.get('sha256')?.toLowerCase();
  url.searchParams.delete('sha256');
  return { url: url.href, ...(sha256 !== undefined && { sha256 }) };
}

/**
 * Path of an image, uncompressed, from the cache or the network. Upstream trusts what it finds in the cache; here the
 * checksum decides.
 *
 * @throws Failure installer/cache-unknown, system/download-*
 */
export async function obtainImage(wanted: WantedImage, source: ImageSource): Promise<string> {
  const name = basename(new URL(wanted.location.url).pathname).replace(/\.(gz|xz)$/, '');
  const path = join(cacheDirectory(wanted, source.env), name);
  if (await isCached(path, wanted.location, source)) {
    debug(source.logger, `The file was found in cache: ${path}. Reusing...`);
    return path;
  }
  await downloadImage(wanted, path, source);
  return path;
}

/** `$XDG_CACHE_HOME`, or `.cache` of the home directory, as the original. */
function cacheDirectory({ name, folder, hint }: WantedImage, env: ImageSource['env']): string {
  const home = env['HOME'] ?? '';
  const root = env['XDG_CACHE_HOME'] || (home === '' ? '' : join(home, '.cache'));
  if (root !== '') return join(root, folder, 'image_cache');
  throw new Failure({
    code: 'installer/cache-unknown',
    message: `failed to get ${name}: neither XDG_CACHE_HOME nor HOME says where the cache is`,
    hint: `set one of them, or ${hint}`,
  });
}

async function isCached(path: string, { sha256 }: ImageLocation, source: ImageSource): Promise<boolean> {
  const { files, logger } = source;
  if ((await files.facts(path)) === undefined) return false;
  if (sha256 === undefined) return false; // nothing says that it is the same image
  const hash = createHash('sha256');
  for await (const chunk of files.readStream(path)) hash.update(chunk as Buffer);
  if (hash.digest('hex') === sha256) return true;
  warn(logger, `${path} has another checksum than the image that is wanted: it is downloaded again`);
  return false;
}

async function downloadImage(wanted: WantedImage, path: string, source: ImageSource): Promise<void> {
  const { logger, env, download } = source;
  const { name, location, hint } = wanted;
  const shown = location.url.replace(/\/\/[^/@]*@/, '//');
  info(logger, `Downloading ${shown}`);
  let told = 0;
  const onProgress = (done: number, total: number): void => {
    const percent = total === 0 ? 0 : Math.floor((100 * done) / total / PERCENT_STEP) * PERCENT_STEP;
    if (percent > told) info(logger, `Downloaded ${percent} %`);
    told = Math.max(told, percent);
  };
  try {
    await download({ ...location, path, env, onProgress });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({
      code: cause.code,
      message: `failed to get ${name}: failed to download ${name} ${shown}: ${cause.message}`,
      hint: cause.hint ?? `run the command again, or ${hint}`,
    });
  }
}
