import { SEED_INFO_LABEL, SEED_MEMBERS } from '#api/seedImage.ts';
import type { Logger } from '#base/logger.ts';
import { openLayer } from '#formats/ociLayout.ts';
import { readMember, readTar } from '#formats/tar.ts';
import type { BlockDevice } from '#system/disk.ts';
import { pasteable } from '#system/localHost.ts';
import { type OpenedImage, openRemoteImage } from '#system/remoteImages.ts';
import { type CheckedInstallation, checkMachine, checkSeedImage } from './check.ts';
import { listPhysicalVolumes, planDiskCleanup } from './cleanDisk.ts';
import type { IbiContext } from './context.ts';
import { planPartitions } from './diskLayout.ts';
import { findSubstitution, pullThreads } from './precache.ts';
import { registryClient } from './registries.ts';
import { planImages } from './registrySubstitution.ts';

/** What an installation would do; the answer of `--dry-run`. */
export interface InstallationPlan {
  readonly seed: {
    readonly image: string;
    readonly digest: string;
    readonly version: string;
    readonly architecture: string;
    readonly bytes: number;
  };
  readonly disk: {
    readonly path: string;
    readonly configured: string;
    readonly bytes: number;
    /** Who makes the partitions. */
    readonly method: 'coreos-installer' | 'own-layout';
    /** True: an interrupted run of the same installation is gone on with, and nothing is removed. */
    readonly resumes: boolean;
    readonly removed: readonly { readonly path: string; readonly type: string; readonly bytes: number }[];
    readonly cleanUp: readonly string[];
    readonly partitions: readonly { readonly name: string; readonly start: number; readonly bytes: number }[];
  };
  readonly precache: {
    readonly enabled: boolean;
    /** Left out where the image list is only known after the seed image was pulled. */
    readonly images?: readonly PlannedImage[];
    /** Of all images together, blobs that several share counted once. */
    readonly bytes?: number;
  };
  /** What may be wrong, but is no reason to refuse. */
  readonly warnings: readonly string[];
}

export interface PlannedImage {
  readonly name: string;
  readonly bytes?: number;
  /** Why its size is not known; it could not be pulled either. */
  readonly fault?: string;
}

/** All the checks of an installation, and what it would do; nothing is changed. */
export async function planInstallation(given: IbiContext): Promise<InstallationPlan> {
  const warnings: string[] = [];
  const logger: Logger = {
    log: ({ level, message }) => {
      if (level === 'warning') warnings.push(message);
    },
  };
  const context = { ...given, logger };
  const seed = await checkSeedImage(context);
  const checked = { ...seed, ...(await checkMachine(context, seed, { isDryRun: true })) };
  return {
    seed: {
      ...{ image: checked.source.pinned, digest: checked.source.image.digest },
      ...{ version: checked.seed.seed_cluster_ocp_version, architecture: checked.source.image.architecture },
      bytes: checked.source.image.layerBytes,
    },
    disk: await planDisk(context, checked),
    precache: context.config.precacheDisabled ? { enabled: false } : await planPrecache(context, checked),
    warnings,
  };
}

async function planDisk(
  { host, config }: IbiContext,
  { target, resumes }: CheckedInstallation,
): Promise<InstallationPlan['disk']> {
  const { disk, sectorSize, method } = target;
  const commands =
    resumes || config.skipDiskCleanup ? [] : planDiskCleanup(disk, await listPhysicalVolumes(host));
  const size = { sizeBytes: disk.sizeBytes, sectorSize };
  const partitions = planPartitions(config, size, 0).map(({ name, start, size: sectors }) => ({
    ...{ name, start: start * sectorSize },
    bytes: sectors === undefined ? disk.sizeBytes - start * sectorSize : sectors * sectorSize,
  }));
  return {
    ...{ path: disk.path, configured: config.installationDisk, bytes: disk.sizeBytes },
    ...{ method: method.kind, resumes, removed: resumes ? [] : standingOn(disk), partitions },
    cleanUp: commands.map(pasteable),
  };
}

const standingOn = (device: BlockDevice): { path: string; type: string; bytes: number }[] =>
  device.children.flatMap((child) => [
    { path: child.path, type: child.type, bytes: child.sizeBytes },
    ...standingOn(child),
  ]);

async function planPrecache(
  context: IbiContext,
  { source }: CheckedInstallation,
): Promise<InstallationPlan['precache']> {
  const list = source.opened && (await readImageList(source.opened));
  if (list === undefined) return { enabled: true };
  const client = await registryClient(context);
  const clusterInfo = source.image.labels[SEED_INFO_LABEL] ?? '';
  const waiting = planImages(list, findSubstitution(context, clusterInfo, client.registries));
  const once = { ...client, retries: { ...client.retries, attempts: 1 } };
  const images = new Map<string, PlannedImage>(waiting.map((name) => [name, { name }]));
  const blobs = new Map<string, number>();
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      try {
        const { manifest, layerBytes: bytes } = await openRemoteImage(name, once);
        for (const { digest, size } of manifest.layers) blobs.set(digest, size);
        images.set(name, { name, bytes });
      } catch (error) {
        images.set(name, { name, fault: (error as Error).message });
      }
    }
  };
  await Promise.all(Array.from({ length: pullThreads(context) }, worker));
  const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  return { enabled: true, images: [...images.values()], bytes };
}

/** So much of a layer is looked through for the list; seeds have it far in front. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The seed's image list from the head of its uppermost layer; `undefined` where it stands too far behind. */
async function readImageList(image: OpenedImage): Promise<string | undefined> {
  const layer = image.manifest.layers.at(-1);
  if (layer === undefined) return undefined;
  const head = { openBlob: (digest: string) => headOf(image, digest) };
  try {
    for await (const member of readTar(openLayer(layer, head))) {
      if (member.path === SEED_MEMBERS.images) {
        return (await readMember(member, MOST_BYTES)).toString('utf8');
      }
    }
  } catch {} // it ends early, or is damaged: that is for the installation to say
  return undefined;
}

async function* headOf(image: OpenedImage, digest: string): AsyncGenerator<Buffer> {
  const response = await image.openBlob(digest, 0);
  let seen = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      yield chunk;
      seen += chunk.length;
      if (seen > MOST_BYTES) return;
    }
  } finally {
    response.destroy();
  }
}
