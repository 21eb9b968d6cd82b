import { Failure } from '#base/failure.ts';
import { type Logger, warn } from '#base/logger.ts';
import { type ImageLocation, type ImageSource, locationOfUrl, obtainImage } from './imageCache.ts';
import { pinnedStream } from './stream/pinned.ts';

export interface BaseIsoOptions extends ImageSource {
  /** Absolute path of an image that the user has. */
  readonly file?: string;
}

const OVERRIDE = 'OPENSHIFT_INSTALL_OS_IMAGE_OVERRIDE';

/**
 * Path of the CoreOS live ISO: the user's file, else the image of the pinned stream (or of the environment's override)
 * from the cache or the network.
 *
 * @throws Failure installer/base-iso-missing, installer/cache-unknown, system/download-*
 */
export async function obtainBaseIso(options: BaseIsoOptions): Promise<string> {
  const { file, files, env, logger } = options;
  if (file === undefined) {
    const location = locationOf(env, logger);
    const hint = 'give an image with --base-iso';
    return obtainImage({ name: 'base ISO image', folder: 'imagebased', location, hint }, options);
  }
  if ((await files.facts(file)) !== undefined) return file;
  throw new Failure({
    code: 'installer/base-iso-missing',
    message: `failed to get base ISO image: ${file} does not exist`,
    hint: 'give the path of a CoreOS live ISO with --base-iso',
  });
}

function locationOf(env: ImageSource['env'], logger: Logger): ImageLocation {
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
  if (URL.canParse(override)) return locationOfUrl(override);
  throw new Failure({
    code: 'installer/override-invalid',
    message: `failed to get base ISO image: ${OVERRIDE} is not a URL`,
    hint: 'give an http or https URL, with ?sha256=<sum> if it is to be checked and cached',
  });
}
