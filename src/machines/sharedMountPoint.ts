import type { Host } from '#system/host.ts';
import { mountsBelow } from './mounts.ts';

/**
 * Prepares a directory for a file system of a machine to be mounted on.
 *
 * systemd-nspawn gives each container a copy of all mounts of this machine and only hides those it does not use, so a
 * machine started later would keep this one's disk in use for as long as it runs. The mount point is therefore a shared
 * mount of its own: what is unmounted from it here is unmounted in all those copies too (mount_namespaces(7)).
 */
export async function makeSharedMountPoint(host: Host, path: string): Promise<void> {
  await host.files.makeDirectory(path);
  const isMounted = (await mountsBelow(host, path)).length > 0;
  // Private first: as part of a shared root it would hand every mount on to what it covers.
  if (!isMounted) await host.run(['mount', '--bind', '--make-private', path, path]);
  await host.run(['mount', '--make-shared', path]);
}
