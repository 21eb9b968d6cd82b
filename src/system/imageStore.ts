import type { Host } from './host.ts';

/** An image in a store: every tag name and every `name@digest` it goes by. */
export interface StoredImage {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

/** Where the images of a cluster lie; podman's and CRI-O's common store, or containerd's. */
export interface ImageStore {
  readonly kind: 'podman' | 'containerd';
  list(): Promise<StoredImage[]>;
  /** One attempt, which the signal ends. */
  pull(image: string, signal?: AbortSignal): Promise<void>;
  /** Whole, that is; one that was only begun does not exist. */
  exists(image: string): Promise<boolean>;
  /** Drops images that nothing names, before a list is made of the rest. */
  prune(): Promise<void>;
  close(): Promise<void>;
}

export interface PodmanStoreOptions {
  readonly authfile?: string;
  /** Store below another root than `/var/lib/containers/storage`. */
  readonly root?: string;
}

/** containers-storage, through podman; CRI-O shows its content through crictl. */
export function podmanStore(host: Host, options: PodmanStoreOptions = {}): ImageStore {
  const podman = ['podman', ...(options.root === undefined ? [] : [`--root=${options.root}`])];
  const auth = options.authfile === undefined ? [] : [`--authfile=${options.authfile}`];
  return {
    kind: 'podman',
    list: async () => parseCrictlImages((await host.run(['crictl', 'images', '-o', 'json'])).stdout),
    pull: async (image, signal) =>
      void (await host.run([...podman, 'pull', '--quiet', ...auth, image], signal && { signal })),
    exists: async (image) =>
      (await host.run([...podman, 'image', 'exists', image], { okCodes: [0, 1] })).code === 0,
    prune: async () => void (await host.run([...podman, 'image', 'prune', '--force'])),
    close: async () => {},
  };
}

export interface ContainerdStoreOptions {
  /** Socket of a containerd that is not the system's. */
  readonly address?: string;
  /** Directory of `<registry>/hosts.toml` files. */
  readonly hostsDirectory?: string;
}

/** Images of the Kubernetes namespace of containerd; its CRI plugin adopts what lies there, snapshots included. */
export function containerdStore(host: Host, options: ContainerdStoreOptions = {}): ImageStore {
  const address = options.address === undefined ? [] : [`--address=${options.address}`];
  const ctr = ['ctr', ...address, '--namespace=k8s.io', 'images'];
  const hosts = options.hostsDirectory === undefined ? [] : [`--hosts-dir=${options.hostsDirectory}`];
  const names = async (): Promise<string[]> =>
    (await host.run([...ctr, 'ls', '--quiet'])).stdout.split('\n').filter((name) => name !== '');
  return {
    kind: 'containerd',
    list: async () => groupContainerdNames(await names()),
    pull: async (image, signal) =>
      void (await host.run([...ctr, 'pull', ...hosts, image], signal && { signal })),
    // A name is entered before its content is there and unpacked.
    exists: async (image) =>
      (await names()).includes(image) &&
      isWhole((await host.run([...ctr, 'check', `name==${image}`])).stdout, image),
    prune: async () => {},
    close: async () => {},
  };
}

/** `REF TYPE DIGEST STATUS SIZE UNPACKED`, the status being `complete (3/3)`. */
const isWhole = (table: string, image: string): boolean =>
  table.split('\n').some((line) => line.startsWith(`${image} `) && /\bcomplete\b.*\btrue\s*$/.test(line));

/** `crictl images -o json` */
export function parseCrictlImages(json: string): StoredImage[] {
  const { images = [] } = JSON.parse(json) as {
    images?: { repoTags?: string[] | null; repoDigests?: string[] | null }[];
  };
  return images.map((image) => ({ tags: image.repoTags ?? [], digests: image.repoDigests ?? [] }));
}

/**
 * The CRI plugin gives each image up to three names: the one it was pulled by, `repository@digest` and the bare
 * digest of its configuration. Bare digests can't be pulled; a `repository@digest` counts only where no tag of the
 * same repository is there, otherwise everything would be pulled twice (lab-chain.md, pitfall 12).
 */
export function groupContainerdNames(names: readonly string[]): StoredImage[] {
  const repositoryOf = (name: string): string => name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const pullable = names.filter((name) => !name.startsWith('sha256:'));
  const tags = pullable.filter((name) => !name.includes('@'));
  const tagged = new Set(tags.map(repositoryOf));
  const digests = pullable.filter((name) => name.includes('@') && !tagged.has(repositoryOf(name)));
  return [
    ...tags.map((tag) => ({ tags: [tag], digests: [] })),
    ...digests.map((d) => ({ tags: [], digests: [d] })),
  ];
}
