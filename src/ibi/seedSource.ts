import { downloadImage } from '#system/imageDownload.ts';
import { pinnedTo, type RemoteImage, registry } from '#system/registry.ts';
import { parseImageReference } from '#system/registryPlaces.ts';
import { type OpenedImage, openRemoteImage } from '#system/remoteImages.ts';
import { demandsSignature, SIGNATURE_POLICY } from '#system/signaturePolicy.ts';
import { type IbiContext, registryAccess } from './context.ts';
import { registryClient } from './registries.ts';

/** The seed image in its registry. */
export interface SeedSource {
  readonly image: RemoteImage;
  /** Its pull spec by digest: what is checked is what is installed. */
  readonly pinned: string;
  /** Fetches it into an OCI layout; `onProgress` gets the bytes that are there. */
  fetch(directory: string, onProgress: (done: number) => void): Promise<void>;
  /** Present where this program reads the registry itself. */
  readonly opened?: OpenedImage;
}

/**
 * Asks the registry for manifest and configuration, nothing more. Where the host demands signatures, or credentials
 * come from a helper program, skopeo does the work: it knows both, but can't go on with half a blob.
 */
export async function openSeedSource(context: IbiContext): Promise<SeedSource> {
  const { host, config } = context;
  const client = await registryClient(context);
  const reference = parseImageReference(config.seedImage);
  const policy = await host.files.readIfExists(SIGNATURE_POLICY);
  const isSigned =
    policy !== undefined &&
    demandsSignature(policy.toString('utf8'), reference.registry, reference.repository);
  if (isSigned || client.credentials.needsHelper(reference.registry)) return openWithSkopeo(context);
  const opened = await openRemoteImage(config.seedImage, client);
  return {
    image: opened,
    pinned: pinnedTo(config.seedImage, opened.digest),
    opened,
    fetch: (directory, onProgress) =>
      downloadImage({ image: opened, directory, retries: client.retries, onProgress }),
  };
}

async function openWithSkopeo(context: IbiContext): Promise<SeedSource> {
  const { host, config } = context;
  const skopeo = registry(host, await registryAccess(context));
  const image = await skopeo.inspect(config.seedImage);
  const pinned = pinnedTo(config.seedImage, image.digest);
  return {
    image,
    pinned,
    fetch: async (directory, onProgress) => {
      await skopeo.copyToLayout(pinned, directory);
      onProgress(image.layerBytes);
    },
  };
}
