import type { Files } from './host.ts';

/** Whose image store a system has: podman's, which CRI-O shares, or containerd's below this directory. */
export type ContainerStorePlace =
  | { readonly kind: 'podman' }
  | { readonly kind: 'containerd'; readonly root: string };

/** Decided by what is installed below `system`: `''` for the running one, or a deployment's directory. */
export async function findContainerStore(files: Files, system: string): Promise<ContainerStorePlace> {
  const has = (program: string) => files.exists(`${system}/usr/bin/${program}`);
  if ((await has('crio')) || !(await has('containerd'))) return { kind: 'podman' };
  const config = await files.readIfExists(`${system}/etc/containerd/config.toml`);
  const root = /^\s*root\s*=\s*"([^"]+)"/m.exec(config?.toString('utf8') ?? '')?.[1];
  return { kind: 'containerd', root: root ?? '/var/lib/containerd' };
}

/** As it stands in a seed's label. */
export const renderContainerStore = (place: ContainerStorePlace): string =>
  place.kind === 'podman' ? 'podman' : `containerd:${place.root}`;

/** `undefined` for a seed that does not say it, as those of the original. */
export function parseContainerStore(label: string | undefined): ContainerStorePlace | undefined {
  if (label === 'podman') return { kind: 'podman' };
  const root = /^containerd:(\/.+)$/.exec(label ?? '')?.[1];
  return root === undefined || root.split('/').includes('..') ? undefined : { kind: 'containerd', root };
}
