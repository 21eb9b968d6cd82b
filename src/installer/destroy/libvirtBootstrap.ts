import { Failure } from '#base/failure.ts';
import { info, type Logger, warn } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import type { DestroyedCluster } from './clusterMetadata.ts';

/** Where `virsh` is run, and for which cluster. */
export interface Libvirt {
  readonly host: Pick<Host, 'run' | 'has'>;
  readonly cluster: DestroyedCluster;
  readonly logger: Logger;
}

/** Of the machine, its pool and, with suffixes, its volumes (spec/installer/07.5). */
const nameOf = ({ cluster: { infraId } }: Libvirt): string => `${infraId}-bootstrap`;

/** Removes the virtual machine that bootstrapped the cluster, if it is there. @throws Failure */
export async function destroyBootstrapDomain(libvirt: Libvirt): Promise<void> {
  const name = nameOf(libvirt);
  const [running, all] = [await virshNames(libvirt, 'list'), await virshNames(libvirt, 'list', '--all')];
  if (!all.includes(name)) return;
  if (running.includes(name)) await virsh(libvirt, 'destroy', name);
  // A machine with UEFI has a file of its variables, and can't be undefined without an answer what is to become of it.
  await virsh(libvirt, 'undefine', name, '--nvram');
  info(libvirt.logger, `Deleted domain ${name}`);
}

/** Removes the storage pool of that machine with its volumes. @throws Failure */
export async function destroyBootstrapPool(libvirt: Libvirt): Promise<void> {
  const name = nameOf(libvirt);
  const all = await virshNames(libvirt, 'pool-list', '--all');
  if (!all.includes(name)) {
    warn(libvirt.logger, `Storage pool ${name} was not found`);
    return;
  }
  if ((await virshNames(libvirt, 'pool-list')).includes(name)) {
    for (const volume of await volumeNames(libvirt, name)) {
      await virsh(libvirt, 'vol-delete', volume, '--pool', name);
      info(libvirt.logger, `Deleted volume ${volume}`);
    }
    await virsh(libvirt, 'pool-destroy', name);
    await virsh(libvirt, 'pool-delete', name);
  }
  await virsh(libvirt, 'pool-undefine', name);
  info(libvirt.logger, `Deleted pool ${name}`);
}

async function virshNames(libvirt: Libvirt, ...words: readonly string[]): Promise<string[]> {
  const text = await virsh(libvirt, ...words, '--name');
  return text.split('\n').filter((line) => line !== '');
}

/** A table of names and paths below a line of dashes; names have no blanks, the installer made them. */
async function volumeNames(libvirt: Libvirt, pool: string): Promise<string[]> {
  const lines = (await virsh(libvirt, 'vol-list', pool)).split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('---')) + 1);
  return rows.map((row) => row.trim().split(/\s+/)[0]!).filter((name) => name !== '');
}

async function virsh({ host, cluster }: Libvirt, ...words: readonly string[]): Promise<string> {
  if (!(await host.has('virsh'))) {
    throw new Failure({
      code: 'installer/virsh-missing',
      message: 'virsh is not installed',
      hint: 'install the client programs of libvirt (package libvirt-clients) and run the command again',
    });
  }
  return (await host.run(['virsh', '--connect', cluster.libvirtUri, ...words])).stdout;
}
