import { info, warn } from '#base/logger.ts';
import { bootstrapName, type Libvirt, virsh, virshNames, virshTable } from '../bootstrapMachine/virsh.ts';

/** Removes the virtual machine that bootstrapped the cluster, if it is there. @throws Failure */
export async function destroyBootstrapDomain(libvirt: Libvirt): Promise<void> {
  const name = bootstrapName(libvirt);
  const [running, all] = [await virshNames(libvirt, 'list'), await virshNames(libvirt, 'list', '--all')];
  if (!all.includes(name)) return;
  if (running.includes(name)) await virsh(libvirt, 'destroy', name);
  // A machine with UEFI has a file of its variables, and can't be undefined without an answer what is to become of it.
  await virsh(libvirt, 'undefine', name, '--nvram');
  info(libvirt.logger, `Deleted domain ${name}`);
}

/** Removes the storage pool of that machine with its volumes. @throws Failure */
export async function destroyBootstrapPool(libvirt: Libvirt): Promise<void> {
  const name = bootstrapName(libvirt);
  const all = await virshNames(libvirt, 'pool-list', '--all');
  if (!all.includes(name)) {
    warn(libvirt.logger, `Storage pool ${name} was not found`);
    return;
  }
  if ((await virshNames(libvirt, 'pool-list')).includes(name)) {
    for (const volume of await virshTable(libvirt, 'vol-list', name)) {
      await virsh(libvirt, 'vol-delete', volume, '--pool', name);
      info(libvirt.logger, `Deleted volume ${volume}`);
    }
    await virsh(libvirt, 'pool-destroy', name);
    await virsh(libvirt, 'pool-delete', name);
  }
  await virsh(libvirt, 'pool-undefine', name);
  info(libvirt.logger, `Deleted pool ${name}`);
}
