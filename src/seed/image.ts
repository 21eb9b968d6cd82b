import {
  SEED_FORMAT,
  SEED_FORMAT_LABEL,
  SEED_INFO_LABEL,
  SEED_MEMBERS,
  SEED_STORE_LABEL,
} from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { writeOciImage } from '#formats/ociLayout.ts';
import { type TarSource, writeTar } from '#formats/tar.ts';
import { type ContainerStorePlace, renderContainerStore } from '#system/containerStorePlace.ts';
import type { Host } from '#system/host.ts';
import { localLayout } from '#system/localLayout.ts';

export interface SeedImageOptions {
  /** Its files are the members of the image's root. */
  readonly directory: string;
  /** Receives the OCI layout. */
  readonly layout: string;
  readonly architecture: string;
  readonly now: Date;
  /** What the seed's cluster keeps its images in; left out, the image does not say it, like the original's. */
  readonly containerStore?: ContainerStorePlace;
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
 * Makes the seed image: one layer from scratch with the files of the directory and its labels (lifecycle-agent 8).
 * The answer is the digest of its manifest. Failure `seed/member-missing` when a member of the format is not there.
 */
export async function buildSeedImage(host: Host, options: SeedImageOptions): Promise<string> {
  const names = await host.files.list(options.directory);
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
  return writeOciImage(
    {
      layers: [{ tar: writeTar(members(host, options.directory, ordered)), compression: 'gzip' }],
      architecture: options.architecture,
      created: options.now.toISOString(),
      config: {
        Labels: {
          [SEED_FORMAT_LABEL]: SEED_FORMAT,
          [SEED_INFO_LABEL]: clusterInfo,
          ...(options.containerStore && { [SEED_STORE_LABEL]: renderContainerStore(options.containerStore) }),
        },
      },
      reference: 'seed',
    },
    localLayout(options.layout),
  );
}

async function* members(host: Host, directory: string, names: readonly string[]): AsyncGenerator<TarSource> {
  for (const name of names) {
    const path = `${directory}/${name}`;
    const facts = await host.files.facts(path);
    if (facts?.kind !== 'file') continue;
    yield { path: name, mode: facts.mode, size: facts.size, content: host.files.readStream(path) };
  }
}
