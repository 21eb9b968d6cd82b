import { Failure } from '#base/failure.ts';
import { makeFileSystem, openPartition, readPartitionTable, runSfdisk } from '#system/disk.ts';
import type { Host } from '#system/host.ts';
import { mount } from '#system/mounts.ts';
import { type PlannedPartition, renderSfdiskScript } from './diskLayout.ts';
import { detachDevicesOf, devicesOn, listLoopDevices } from './loopDevices.ts';
import { releaseMounts } from './mounts.ts';
import { makeSharedMountPoint } from './sharedMountPoint.ts';

/** GPT name of the partition that holds the container store. */
const CONTAINERS = 'var-lib-containers';

/** A disk image whose file systems are mounted. */
export interface MountedDisk {
  readonly file: string;
  /** The root partition, with the boot partition at `boot` in it. */
  readonly sysroot: string;
  /** The partition `var-lib-containers`, where the disk has one. */
  readonly containers: string | undefined;
}

/** An empty disk: a sparse file of this many bytes, in place of what was there. Failure `machines/disk-in-use`. */
export async function createEmptyDisk(host: Host, file: string, bytes: number): Promise<void> {
  const users = devicesOn(await listLoopDevices(host), (backingFile) => backingFile === file);
  if (users.length > 0) {
    throw new Failure({
      code: 'machines/disk-in-use',
      message: `${file} is attached as ${users.map(({ device }) => device).join(', ')}`,
      hint: 'power off the machine that uses it, or take the lab down',
    });
  }
  await host.files.remove(file);
  await host.run(['truncate', '--size', String(bytes), file]);
}

/** Writes a new partition table and new file systems. What was on the disk is lost. */
export async function formatDisk(
  host: Host,
  file: string,
  partitions: readonly PlannedPartition[],
): Promise<void> {
  await runSfdisk(host, file, renderSfdiskScript(partitions));
  try {
    for (const { name, fileSystem } of partitions) {
      if (fileSystem === undefined) continue;
      const { device } = await openPartition(host, file, name);
      await makeFileSystem(host, device, fileSystem.type, fileSystem.label);
    }
  } finally {
    await detachDevicesOf(host, (backingFile) => backingFile === file);
  }
}

/**
 * Mounts an installed disk image below `folder`: `folder/sysroot`, `folder/sysroot/boot` and `folder/containers`;
 * nothing else may be mounted there. What was mounted until a failure is unmounted again.
 */
export async function mountDisk(host: Host, file: string, folder: string): Promise<MountedDisk> {
  const sysroot = `${folder}/sysroot`;
  const containers = `${folder}/containers`;
  const mountPartition = async (name: string, at: string): Promise<void> =>
    // No quota options, which RHCOS has for XFS: a kernel built without them refuses the mount.
    mount(host, (await openPartition(host, file, name)).device, at, ['noatime']);
  try {
    await makeSharedMountPoint(host, sysroot);
    await mountPartition('root', sysroot);
    await mountPartition('boot', `${sysroot}/boot`);
    const { partitions } = await readPartitionTable(host, file);
    if (!partitions.some(({ name }) => name === CONTAINERS)) return { file, sysroot, containers: undefined };
    await makeSharedMountPoint(host, containers);
    await mountPartition(CONTAINERS, containers);
    return { file, sysroot, containers };
  } catch (error) {
    await unmountDisk(host, file, folder);
    throw error;
  }
}

/** Undoes `mountDisk`, also one that was cut short; the file is complete and may be copied or attached elsewhere. */
export async function unmountDisk(host: Host, file: string, folder: string): Promise<void> {
  await releaseMounts(host, folder);
  await detachDevicesOf(host, (backingFile) => backingFile === file);
}
