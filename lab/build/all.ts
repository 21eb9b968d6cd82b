import { join } from 'node:path';
import { type Cache, type CacheObserver, defaultCacheDirectory, obtain } from './cache.ts';
import { type ImageLayout, imageLayouts, imagesRecipe } from './images.ts';
import { kubernetesRecipe } from './kubernetes.ts';
import { LIVE_ISO, type LiveIsoParts, liveIsoRecipe } from './liveIso.ts';
import { OS_REF, OS_REPO, operatingSystemRecipe } from './operatingSystem.ts';
import { packagesRecipe } from './packages.ts';

/** What a lab is made of, as paths in the cache. */
export interface LabProducts {
  /** Directory with the Kubernetes programs, one file each. */
  readonly kubernetesBin: string;
  readonly kubectl: string;
  /** OSTree repository (mode bare) with the lab's operating system as one commit. */
  readonly osRepo: string;
  readonly osRef: string;
  readonly osCommit: string;
  readonly imageLayouts: readonly ImageLayout[];
  /** What `buildLiveIso` makes more of. */
  readonly parts: LiveIsoParts;
}

export interface LabBuildOptions {
  /** Default: {@link defaultCacheDirectory}. */
  readonly cacheDirectory?: string;
  readonly observer?: CacheObserver;
}

/**
 * Everything a lab needs, built where it is not in the cache. The packages are fetched and unpacked beside the
 * compiler, which leaves a core idle while it links; both together stay below 4 GB of memory.
 */
export async function buildLab(options: LabBuildOptions = {}): Promise<LabProducts> {
  const cache = cacheOf(options);
  const [kubernetes, packages] = await allOrFirstFailure([
    kubernetesRecipe().then((recipe) => obtain(recipe, cache)),
    packagesRecipe().then((recipe) => obtain(recipe, cache)),
  ]);
  const images = await obtain(await imagesRecipe(kubernetes), cache);
  const system = await obtain(await operatingSystemRecipe({ packages, kubernetes }), cache);
  return {
    kubernetesBin: kubernetes.path,
    kubectl: join(kubernetes.path, 'kubectl'),
    osRepo: join(system.path, OS_REPO),
    osRef: OS_REF,
    osCommit: system.facts['commit']!,
    imageLayouts: await imageLayouts(images),
    parts: { packages, operatingSystem: system },
  };
}

/** Path of the lab's live ISO, which only machines that boot by themselves need. */
export async function buildLiveIso({ parts }: LabProducts, options: LabBuildOptions = {}): Promise<string> {
  const { path } = await obtain(await liveIsoRecipe(parts), cacheOf(options));
  return join(path, LIVE_ISO);
}

const cacheOf = ({ cacheDirectory = defaultCacheDirectory(), observer }: LabBuildOptions): Cache => ({
  directory: cacheDirectory,
  ...(observer !== undefined && { observer }),
});

/** Like Promise.all, but lets the others end before it reports a failure: they clean up after themselves. */
async function allOrFirstFailure<T extends readonly unknown[]>(
  work: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as T;
}
