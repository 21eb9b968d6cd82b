import { createHash } from 'node:crypto';
import {
  SEED_FORMAT,
  SEED_FORMAT_LABEL,
  SEED_INFO_LABEL,
  SEED_MEMBERS,
  SEED_STORE_LABEL,
} from '#api/seedImage.ts';
import { renderSeedInventory, SEED_INVENTORY_LABEL, type SeedMember } from '#api/seedInventory.ts';
import { Failure } from '#base/failure.ts';
import { hashing } from '#formats/hashing.ts';
import { writeOciImage } from '#formats/ociLayout.ts';
import { type TarSource, writeTar } from '#formats/tar.ts';
import { type ContainerStorePlace, renderContainerStore } from '#system/containerStorePlace.ts';
import type { Host } from '#system/host.ts';
import { layoutOn } from '#system/localLayout.ts';
import { isTemporaryName } from '#system/temporaryName.ts';
import type { UnpackedBytes } from './unpackedBytes.ts';

export interface SeedImageOptions {
  /** Its files are the members of the image's root. */
  readonly directory: string;
  /** Receives the OCI layout. */
  readonly layout: string;
  readonly architecture: string;
  readonly now: Date;
  /** What the seed's cluster keeps its images in; left out, the image does not say it, like the original's. */
  readonly containerStore?: ContainerStorePlace;
  readonly unpackedBytes?: UnpackedBytes;
}

/** Read by every installer before it can use anything else, so they stand in front. */
const FIRST: readonly string[] = [
  SEED_MEMBERS.clusterInfo,
  SEED_MEMBERS.rpmOstree,
  SEED_MEMBERS.machineConfig,
];
/** Small ones before large ones, and the OSTree repository, which takes longest to unpack, first of these. */
const LAST: readonly string[] = [
  SEED_MEMBERS.executable,
  SEED_MEMBERS.ostree,
  SEED_MEMBERS.var,
  SEED_MEMBERS.etc,
];

/**
 * Makes the seed image: one layer from scratch with the files of the directory, the labels of lifecycle-agent 8 and our
 * own; members are read once, for the layer and the inventory. The answer is the digest of its manifest. Failure `seed/member-missing` when a member of the format is not there.
 */
export async function buildSeedImage(host: Host, options: SeedImageOptions): Promise<string> {
  // A killed write leaves a file under a temporary name.
  const names = (await host.files.list(options.directory)).filter((name) => !isTemporaryName(name));
  const missing = Object.values(SEED_MEMBERS).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Failure({
      code: 'seed/member-missing',
      message: `${options.directory} lacks ${missing.join(', ')}`,
      hint: 'run "lca-cli restore", then make the seed image again',
    });
  }
  const rank = (name: string): number => (FIRST.includes(name) ? 0 : LAST.indexOf(name) + 2 || 1);
  const ordered = [...names].sort((a, b) => rank(a) - rank(b));
  await host.files.remove(options.layout);
  await host.files.makeDirectory(options.layout, 0o700);
  const clusterInfo = await host.files.readText(`${options.directory}/${SEED_MEMBERS.clusterInfo}`);
  const packed: SeedMember[] = [];
  const tar = writeTar(packMembers(host, { directory: options.directory, names: ordered, packed }));
  return writeOciImage(
    {
      layers: [{ tar, compression: 'gzip' }],
      architecture: options.architecture,
      created: options.now.toISOString(),
      config: () => ({ Labels: labelsOf(options, clusterInfo, packed) }),
      reference: 'seed',
    },
    layoutOn(host.files, options.layout),
  );
}

function labelsOf(
  { containerStore, unpackedBytes = {} }: SeedImageOptions,
  clusterInfo: string,
  packed: readonly SeedMember[],
): Record<string, string> {
  const members = packed.map((member): SeedMember => {
    const bytes = unpackedBytes[member.name];
    return bytes === undefined ? member : { ...member, unpackedBytes: bytes };
  });
  return {
    [SEED_FORMAT_LABEL]: SEED_FORMAT,
    [SEED_INFO_LABEL]: clusterInfo,
    [SEED_INVENTORY_LABEL]: renderSeedInventory({ members }),
    ...(containerStore && { [SEED_STORE_LABEL]: renderContainerStore(containerStore) }),
  };
}

interface Packing {
  readonly directory: string;
  readonly names: readonly string[];
  /** Told of every member when the next one is asked for. */
  readonly packed: SeedMember[];
}

async function* packMembers(host: Host, { directory, names, packed }: Packing): AsyncGenerator<TarSource> {
  for (const name of names) {
    const path = `${directory}/${name}`;
    const facts = await host.files.facts(path);
    if (facts?.kind !== 'file') continue;
    const { mode, size } = facts;
    const hash = createHash('sha256');
    yield { path: name, mode, size, content: hashing(host.files.readStream(path), hash) };
    packed.push({ name, mode, size, sha256: hash.digest('hex') });
  }
}
