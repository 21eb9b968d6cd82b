import { parseSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { Failure } from '#base/failure.ts';
import { info, warn } from '#base/logger.ts';
import { parseRegistriesConf, type RegistryEntry } from '#formats/registriesConf.ts';
import type { Host } from '#system/host.ts';
import { type ImageStore, podmanStore } from '#system/imageStore.ts';
import { openPrivateContainerd } from '#system/privateContainerd.ts';
import { type IbiContext, registryAccess } from './context.ts';
import { type PullProgress, pullImages } from './pullImages.ts';
import { renderRegistryHosts } from './registryHosts.ts';
import { planImages, registryOf, shouldOverrideRegistry } from './registrySubstitution.ts';
import type { Stateroot } from './stateroot.ts';
import type { Target } from './target.ts';

const REGISTRIES_CONF = '/etc/containers/registries.conf';

/** Pulls the seed's images into the target's container storage, so that its first boot needs no registry (9.7). */
export async function precacheImages(
  context: IbiContext,
  target: Target,
  stateroot: Stateroot,
): Promise<void> {
  const { host, config, logger, paths } = context;
  if (config.precacheDisabled) return info(logger, 'precaching is disabled by the configuration');
  const registries = await readRegistries(host, paths.registriesConf ?? REGISTRIES_CONF);
  const images = planImages(stateroot.seed.images, substitutionOf(context, stateroot, registries));
  const store = await openStore(context, { target, stateroot, registries });
  try {
    info(logger, `precaching ${images.length} images with ${store.kind}`);
    const progress = await pullImages(store, images, {
      concurrency: pullThreads(context),
      logger,
      onProgress: (now) => writeStatus(host, paths.precacheStatus, now),
    });
    if (progress.failed.length === 0) return;
    const failed = `${progress.failed.length} of ${images.length} images could not be precached: ${progress.failed.join(', ')}`;
    if (!config.precacheBestEffort) throw precacheFailed(failed);
    warn(logger, failed);
  } finally {
    await store.close();
  }
}

/** `MAX_PULL_THREADS` is the original's variable. */
function pullThreads({ env }: IbiContext): number {
  const wanted = Number(env['MAX_PULL_THREADS'] ?? '');
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 10;
}

async function readRegistries(host: Host, path: string): Promise<RegistryEntry[]> {
  return parseRegistriesConf((await host.files.readIfExists(path))?.toString('utf8') ?? '');
}

function substitutionOf({ config }: IbiContext, { seed }: Stateroot, registries: readonly RegistryEntry[]) {
  const parsed = parseSeedClusterInfo(seed.clusterInfo);
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
  readonly stateroot: Stateroot;
  readonly registries: readonly RegistryEntry[];
}

/** The installed system decides: CRI-O shares podman's store, a system with containerd and no CRI-O has containerd's. */
async function openStore(context: IbiContext, facts: StoreFacts): Promise<ImageStore> {
  const { host } = context;
  const { deployment } = facts.stateroot;
  const has = (program: string) => host.files.exists(`${deployment}/usr/bin/${program}`);
  if (!(await has('crio')) && (await has('containerd'))) return openContainerd(context, facts);
  const { containersMount } = facts.target;
  const root = containersMount === '/var/lib/containers' ? {} : { root: `${containersMount}/storage` };
  const { authfile } = await registryAccess(context);
  return podmanStore(host, { ...root, ...(authfile !== undefined && { authfile }) });
}

async function openContainerd(context: IbiContext, facts: StoreFacts): Promise<ImageStore> {
  const { host, logger } = context;
  const { target, stateroot, registries } = facts;
  const workDirectory = `/run/lca-ibi/containerd-${target.disk.path.split('/').at(-1)}`;
  const config = await host.files.readIfExists(`${stateroot.deployment}/etc/containerd/config.toml`);
  const root = /^\s*root\s*=\s*"([^"]+)"/m.exec(config?.toString('utf8') ?? '')?.[1] ?? '/var/lib/containerd';
  let hostsDirectory = `${stateroot.deployment}/etc/containerd/certs.d`;
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
    root: onTarget(root, target, stateroot),
    workDirectory,
    hostsDirectory,
  });
  return { ...store, close: () => store.close().then(() => host.files.remove(`${workDirectory}-hosts`)) };
}

/** Where a path of the installed system's /var lies now. */
function onTarget(path: string, target: Target, stateroot: Stateroot): string {
  const inContainers = /^\/var\/lib\/containers(\/.*|$)/.exec(path);
  return inContainers ? target.containersMount + inContainers[1] : stateroot.directory + path;
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
