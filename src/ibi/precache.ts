import { parseSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { Failure } from '#base/failure.ts';
import { info, warn } from '#base/logger.ts';
import type { RegistryEntry } from '#formats/registriesConf.ts';
import type { ContainerStorePlace } from '#system/containerStorePlace.ts';
import type { Host } from '#system/host.ts';
import { type ImageStore, podmanStore } from '#system/imageStore.ts';
import { openPrivateContainerd } from '#system/privateContainerd.ts';
import { type IbiContext, registryAccess } from './context.ts';
import { progressLog } from './progress.ts';
import { type PullProgress, pullImages } from './pullImages.ts';
import { readRegistries } from './registries.ts';
import { renderRegistryHosts } from './registryHosts.ts';
import { planImages, registryOf, type Substitution, shouldOverrideRegistry } from './registrySubstitution.ts';
import type { Target } from './target.ts';

/** What precaching needs to know of the seed. */
export interface PrecacheInput {
  /** Text of the seed's image list. */
  readonly images: string;
  /** Text of its manifest. */
  readonly clusterInfo: string;
  readonly store: ContainerStorePlace;
  /** The stateroot's directory. */
  readonly stateroot: string;
  /** The deployment, where there is one already. */
  readonly deployment: string | undefined;
}

/** Pulls the seed's images into the target's container storage, so that its first boot needs no registry (9.7). */
export async function precacheImages(
  context: IbiContext,
  target: Target,
  input: PrecacheInput,
  signal: AbortSignal,
): Promise<PullProgress> {
  const { host, config, logger, paths } = context;
  const registries = await readRegistries(context);
  const images = planImages(input.images, findSubstitution(context, input.clusterInfo, registries));
  const store = await openStore(context, { target, input, registries });
  try {
    info(logger, `precaching ${images.length} images with ${store.kind}`);
    const report = progressLog(context, { what: 'precached', unit: 'images', total: images.length });
    const progress = await pullImages(store, images, {
      concurrency: pullThreads(context),
      logger,
      signal,
      onProgress: async (now) => {
        report(now.pulled + now.failed.length);
        await writeStatus(host, paths.precacheStatus, now);
      },
    });
    if (progress.failed.length === 0) return progress;
    const failed = `${progress.failed.length} of ${images.length} images could not be precached: ${progress.failed.join(', ')}`;
    if (!config.precacheBestEffort) throw precacheFailed(failed);
    warn(logger, failed);
    return progress;
  } finally {
    await store.close();
  }
}

/** `MAX_PULL_THREADS` is the original's variable. */
export function pullThreads({ env }: IbiContext): number {
  const wanted = Number(env['MAX_PULL_THREADS'] ?? '');
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 10;
}

/** Whether and how the seed's release registry is to be replaced; `clusterInfo` is the seed's manifest as text. */
export function findSubstitution(
  { config }: IbiContext,
  clusterInfo: string,
  registries: readonly RegistryEntry[],
): Substitution | undefined {
  const parsed = parseSeedClusterInfo(clusterInfo);
  if (!parsed.ok) return undefined; // the label was read, so this can only be a warning's worth
  const source = parsed.value.release_registry;
  const override = shouldOverrideRegistry({
    seedMirrorConfigured: parsed.value.mirror_registry_configured,
    seedReleaseRegistry: source,
    mirrorSources: registries.map((entry) => registryOf(entry.location)),
  });
  return override ? { target: config.releaseRegistry, source } : undefined;
}

interface StoreFacts {
  readonly target: Target;
  readonly input: PrecacheInput;
  readonly registries: readonly RegistryEntry[];
}

/** The installed system decides: CRI-O shares podman's store, a system with containerd and no CRI-O has containerd's. */
async function openStore(context: IbiContext, facts: StoreFacts): Promise<ImageStore> {
  const { store } = facts.input;
  if (store.kind === 'containerd') return openContainerd(context, facts, store.root);
  const { containersMount } = facts.target;
  const root = containersMount === '/var/lib/containers' ? {} : { root: `${containersMount}/storage` };
  const { authfile } = await registryAccess(context);
  return podmanStore(context.host, { ...root, ...(authfile !== undefined && { authfile }) });
}

async function openContainerd(context: IbiContext, facts: StoreFacts, root: string): Promise<ImageStore> {
  const { host, logger } = context;
  const { target, input, registries } = facts;
  const workDirectory = `/run/lca-ibi/containerd-${target.disk.path.split('/').at(-1)}`;
  let hostsDirectory = input.deployment && `${input.deployment}/etc/containerd/certs.d`;
  if (registries.length > 0) {
    hostsDirectory = `${workDirectory}-hosts`;
    const hosts = renderRegistryHosts(registries);
    for (const mapping of hosts.unsupported) warn(logger, `containerd can't use the mirror ${mapping}`);
    for (const [registry, text] of Object.entries(hosts.files)) {
      await host.files.makeDirectory(`${hostsDirectory}/${registry}`, 0o700);
      await host.files.write(`${hostsDirectory}/${registry}/hosts.toml`, text, { mode: 0o600 });
    }
  }
  const store = await openPrivateContainerd(host, {
    root: onTarget(root, target, input.stateroot),
    workDirectory,
    ...(hostsDirectory !== undefined && { hostsDirectory }),
  });
  return { ...store, close: () => store.close().then(() => host.files.remove(`${workDirectory}-hosts`)) };
}

const IN_CONTAINERS = /^\/var\/lib\/containers(\/.*|$)/;

/**
 * Precaching can begin before there is a deployment if the store is known, has a file system of its own, and the
 * mirrors are those of the live system and not of the deployment's /etc.
 */
export async function canPrecacheEarly(context: IbiContext, store: ContainerStorePlace): Promise<boolean> {
  if (store.kind === 'podman') return true;
  return IN_CONTAINERS.test(store.root) && (await readRegistries(context)).length > 0;
}

/** Where a path of the installed system's /var lies now. */
function onTarget(path: string, target: Target, stateroot: string): string {
  const inContainers = IN_CONTAINERS.exec(path);
  return inContainers ? target.containersMount + inContainers[1] : stateroot + path;
}

async function writeStatus(host: Host, path: string, progress: PullProgress): Promise<void> {
  await host.files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o700);
  const { total, pulled, failed } = progress;
  const status = { total, pulled, failed: failed.length, failed_pulls: failed.length === 0 ? null : failed };
  await host.files.write(path, JSON.stringify(status), { mode: 0o600 });
}

const precacheFailed = (message: string): Failure =>
  new Failure({
    code: 'ibi/precache-failed',
    message,
    hint: 'make the images reachable (registry, credentials, mirrors in registries.conf), or set precacheBestEffort',
  });
