import { findContainerRuntime } from '#system/containers.ts';
import { containerdStore, podmanStore, type StoredImage } from '#system/imageStore.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';
import { recertImageOf, SEED_PATHS, type SeedContext } from './context.ts';

export interface ImageListFacts {
  readonly stored: readonly StoredImage[];
  /** Catalogs are always pulled anew and would only cost space. */
  readonly catalogImages: readonly string[];
  /** Images that operators may start later on. */
  readonly relatedImages: readonly string[];
  readonly recertImage: string | undefined;
}

const CATALOG_INDEX = /^registry\.redhat\.io\/redhat\/.+-index:.+/;
const OTHER_PLATFORMS = /-for-microsoft-azure|-for-gcp|-for-csi/;

/** `containers.list`: an image with tags goes by all of its tags, otherwise by all digests (lifecycle-agent 6.1). */
export function planImageList(facts: ImageListFacts): string[] {
  const stored = facts.stored
    .flatMap((image) => (image.tags.length > 0 ? image.tags : image.digests))
    .filter((name) => !facts.catalogImages.includes(name) && !CATALOG_INDEX.test(name));
  const related = facts.relatedImages.filter((name) => !OTHER_PLATFORMS.test(name));
  return [
    ...new Set([...stored, ...(facts.recertImage === undefined ? [] : [facts.recertImage]), ...related]),
  ];
}

/** Lists the images of the seed's store and of its operators, one a line without a last newline. */
export async function writeImageList(context: SeedContext, api: KubernetesApi): Promise<void> {
  const { host, options } = context;
  const store =
    (await findContainerRuntime(host)) === 'containerd' ? containerdStore(host) : podmanStore(host);
  await store.prune();
  const stored = await store.list();
  const names = stored.flatMap((image) => [...image.tags, ...image.digests]);
  const recertImage = recertImageOf(context);
  const images = planImageList({
    stored,
    catalogImages: await specImages(api),
    relatedImages: await relatedImages(api),
    // recert is part of our executable: its image is needed only if somebody wants it.
    recertImage: options.recertImage !== undefined || names.includes(recertImage) ? recertImage : undefined,
  });
  await host.files.write(`${SEED_PATHS.backup}/containers.list`, images.join('\n'), { mode: 0o600 });
}

async function specImages(api: KubernetesApi): Promise<string[]> {
  const kind = { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'CatalogSource' };
  if ((await api.findResource(kind)) === undefined) return [];
  return (await api.list(kind)).flatMap(
    (source) => (source['spec'] as { image?: string } | undefined)?.image ?? [],
  );
}

async function relatedImages(api: KubernetesApi): Promise<string[]> {
  const kind = { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'ClusterServiceVersion' };
  if ((await api.findResource(kind)) === undefined) return [];
  return (await api.list(kind)).flatMap((version) => {
    const spec = version['spec'] as { relatedImages?: { image?: string }[] } | undefined;
    return (spec?.relatedImages ?? []).flatMap((related) => related.image ?? []);
  });
}
