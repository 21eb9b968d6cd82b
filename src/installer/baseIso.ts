import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { debug, info, type Logger, warn } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import { pinnedStream } from './stream/pinned.ts';

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
}) => Promise<void>;

export interface BaseIsoOptions {
  /** Absolute path of an image that the user has. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly download: Download;
  readonly logger: Logger;
}

/** Where an image is, and the SHA-256 of its content in hex. */
interface ImageLocation {
  readonly url: string;
  readonly sha256?: string;
}

const OVERRIDE = 'OPENSHIFT_INSTALL_OS_IMAGE_OVERRIDE';
const PERCENT_STEP = 10;

/**
 * Path of the CoreOS live ISO: the user's file, else the image of the pinned stream (or of the environment's override)
 * from the cache or the network. Upstream trusts what it finds in the cache; here its checksum decides.
 *
 * @throws Failure installer/base-iso-missing, installer/cache-unknown, system/download-*
 */
export async function obtainBaseIso(options: BaseIsoOptions): Promise<string> {
  const { file, files, env, logger } = options;
  if (file !== undefined) {
    if ((await files.facts(file)) !== undefined) return file;
    throw new Failure({
      code: 'installer/base-iso-missing',
      message: `failed to get base ISO image: ${file} does not exist`,
      hint: 'give the path of a CoreOS live ISO with --base-iso',
    });
  }
  const location = locationOf(env, logger);
  const path = join(cacheDirectory(env), basename(new URL(location.url).pathname).replace(/\.(gz|xz)$/, ''));
  if (await isCached(path, location, options)) {
    debug(logger, `The file was found in cache: ${path}. Reusing...`);
    return path;
  }
  await downloadImage(location, path, options);
  return path;
}

function locationOf(env: BaseIsoOptions['env'], logger: Logger): ImageLocation {
  const override = env[OVERRIDE] ?? '';
  if (override === '') {
    const artifact = pinnedStream.architectures['x86_64']?.artifacts['metal']?.formats['iso']?.['disk'];
    if (artifact !== undefined) return { url: artifact.location, sha256: artifact.sha256 };
    throw new Failure({
      code: 'installer/base-iso-missing',
      message: 'failed to get base ISO image: no ISO found to download for x86_64',
      hint: 'give the path of a CoreOS live ISO with --base-iso',
    });
  }
  warn(logger, 'Found override for OS Image. Please be warned, this is not advised.');
  if (!URL.canParse(override)) {
    throw new Failure({
      code: 'installer/override-invalid',
      message: `failed to get base ISO image: ${OVERRIDE} is not a URL`,
      hint: 'give an http or https URL, with ?sha256=<sum> if it is to be checked and cached',
    });
  }
  const url = new URL(override);
  const sha256 = url.searchParams.get('sha256')?.toLowerCase();
  url.searchParams.delete('sha256');
  return { url: url.href, ...(sha256 !== undefined && { sha256 }) };
}

/** `$XDG_CACHE_HOME`, or `.cache` of the home directory, as the original; what it has downloaded is used too. */
function cacheDirectory(env: BaseIsoOptions['env']): string {
  const home = env['HOME'] ?? '';
  const root = env['XDG_CACHE_HOME'] || (home === '' ? '' : join(home, '.cache'));
  if (root !== '') return join(root, 'imagebased', 'image_cache');
  throw new Failure({
    code: 'installer/cache-unknown',
    message: 'failed to get base ISO image: neither XDG_CACHE_HOME nor HOME says where the cache is',
    hint: 'set one of them, or give an image with --base-iso',
  });
}

async function isCached(path: string, { sha256 }: ImageLocation, options: BaseIsoOptions): Promise<boolean> {
  const { files, logger } = options;
  if ((await files.facts(path)) === undefined) return false;
  if (sha256 === undefined) return false; // nothing says that it is the same image
  const hash = createHash('sha256');
  for await (const chunk of files.readStream(path)) hash.update(chunk as Buffer);
  if (hash.digest('hex') === sha256) return true;
  warn(logger, `${path} has another checksum than the image that is wanted: it is downloaded again`);
  return false;
}

async function downloadImage(location: ImageLocation, path: string, options: BaseIsoOptions): Promise<void> {
  const { logger, env, download } = options;
  info(logger, `Downloading ${location.url}`);
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
      message: `failed to get base ISO image: failed to download base ISO image ${location.url}: ${cause.message}`,
      hint: cause.hint ?? 'run the command again, or give an image with --base-iso',
    });
  }
}
