import { Failure } from '#base/failure.ts';
import type { Machine } from '#machines/driver.ts';
import { putFile } from '#machines/putFile.ts';
import type { Lab } from './lab.ts';
import { LAB_REGISTRY } from './network.ts';
import type { Registry } from './registry.ts';
import { runLogged } from './runLogged.ts';
import type { SeedIdentity } from './seedCluster/identity.ts';

/** A pushed seed image: pull spec by digest, and its size in the registry. */
export interface SeedImage {
  readonly pullSpec: string;
  readonly bytes: number;
}

/** Not below /var: what lies there travels in the image. */
const PROGRAM = '/run/sower/lca-cli';

export interface SeedImageOptions {
  readonly identity: SeedIdentity;
  /** Folder of the built programs. */
  readonly executables: string;
}

const repositoryOf = ({ clusterName }: SeedIdentity): string => `seeds/${clusterName}`;

/** Puts the program into the seed; the answer is the command line that makes and pushes the image there. */
export async function putCreateCommand(
  lab: Lab,
  seed: Machine,
  { identity, executables }: SeedImageOptions,
): Promise<string[]> {
  const content = await lab.host.files.read(`${executables}/sower`);
  await putFile(seed.host, { path: PROGRAM, content, mode: 0o755 });
  const image = `${LAB_REGISTRY.name}/${repositoryOf(identity)}:${identity.releaseVersion}`;
  return [PROGRAM, 'create', '--image', image];
}

/** Runs `lca-cli create` inside the seed; afterwards the seed cluster is on its way back to its former state. */
export async function createSeedImage(
  lab: Lab,
  seed: Machine,
  options: SeedImageOptions & { readonly registry: Registry },
): Promise<SeedImage> {
  const { identity, registry } = options;
  const repository = repositoryOf(identity);
  await runLogged(lab, seed.host, { log: 'create', argv: await putCreateCommand(lab, seed, options) });
  const digest = await registry.getDigest(`${repository}:${identity.releaseVersion}`);
  return {
    pullSpec: `${LAB_REGISTRY.name}/${repository}@${digest}`,
    bytes: await sizeOf(lab, repository, digest),
  };
}

/** Bytes of the layers, as a client has to fetch them. */
async function sizeOf(lab: Lab, repository: string, digest: string): Promise<number> {
  const blob = `${lab.folder}/registry/storage/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`;
  const manifest = JSON.parse(await lab.host.files.readText(blob)) as { layers?: { size: number }[] };
  if (manifest.layers === undefined) {
    throw new Failure({
      code: 'lab/seed-image-odd',
      message: `${repository}@${digest} is not an image manifest`,
    });
  }
  return manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
}
