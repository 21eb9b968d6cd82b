import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { attachLoopDevice, detachDevicesOf } from './loopDevices.ts';
import { mountsBelow, unmountBelow } from './mounts.ts';
import {
  type Partition,
  type PlannedPartition,
  parseSfdiskJson,
  renderSfdiskScript,
} from './partitionTable.ts';

/** A disk image whose file systems are mounted. */
export interface MountedDisk {
  readonly file: string;
  /** The root partition, with the boot partition at `boot` in it. */
  readonly sysroot: string;
  /** The partition `var-lib-containers`, where the disk has one. */
  readonly containers: string | undefined;
}

/** An empty disk: a sparse file of this many bytes, in place of what was there. */
export async function createEmptyDisk(host: Host, file: string, bytes: number): Promise<void> {
  await host.files.remove(file);
  await host.run(['truncate', '--size', String(bytes), file]);
}

/** Writes a new partition table and new file systems. What was on the disk is lost. */
export async function formatDisk(
  host: Host,
  file: string,
  partitions: readonly PlannedPartition[],
): Promise<void> {
  await host.run(['sfdisk', '--quiet', file], { input: renderSfdiskScript(partitions) });
  const table = await readPartitions(host, file);
  try {
    for (const { name, fileSystem } of partitions) {
      if (fileSystem === undefined) continue;
      const device = await attachPartition(host, file, getPartition(table, name, file));
      await host.run([...makeFileSystem(fileSystem), device]);
    }
  } finally {
    await detachDevicesOf(host, (backingFile) => backingFile === file);
  }
}

/** The inode tables are left to the kernel and nothing is discarded: the file is new and sparse. */
function makeFileSystem({ type, label }: NonNullable<PlannedPartition['fileSystem']>): string[] {
  const labelled = label === undefined ? [] : ['-L', label];
  if (type === 'xfs') return ['mkfs.xfs', '-q', '-f', '-K', ...labelled];
  return ['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard', ...labelled];
}

/** Of a disk image or a block device; empty when there is no partition table. */
export async function readPartitions(host: Host, file: string): Promise<Partition[]> {
  const result = await host.run(['sfdisk', '--json', file], { okCodes: [0, 1] });
  return result.code === 0 ? parseSfdiskJson(result.stdout) : [];
}

/**
 * One loop device for one partition, by its offset: kernels without partition support (lab-image.md B) make none for
 * the partitions of a whole disk, and on the others this works as well.
 */
export const attachPartition = (host: Host, file: string, { start, size }: Partition): Promise<string> =>
  attachLoopDevice(host, file, { range: { offset: start, size } });

/**
 * Mounts an installed disk image below `folder`: `folder/sysroot`, `folder/sysroot/boot` and `folder/containers`.
 * Failure `machines/disk-without-partition`; what was mounted until then is unmounted again.
 */
export async function mountDisk(host: Host, file: string, folder: string): Promise<MountedDisk> {
  const sysroot = `${folder}/sysroot`;
  const containers = `${folder}/containers`;
  const table = await readPartitions(host, file);
  const mount = async (name: string, at: string, options: string): Promise<void> => {
    const device = await attachPartition(host, file, getPartition(table, name, file));
    await host.files.makeDirectory(at);
    await host.run(['mount', '-o', options, device, at]);
  };
  try {
    await mount('root', sysroot, 'noatime');
    await mount('boot', `${sysroot}/boot`, 'noatime');
    const hasStore = table.some(({ name }) => name === 'var-lib-containers');
    // No quota options, which RHCOS has: a kernel built without XFS quota refuses the mount for them.
    if (hasStore) await mount('var-lib-containers', containers, 'noatime');
    return { file, sysroot, containers: hasStore ? containers : undefined };
  } catch (error) {
    await unmountDisk(host, file, folder);
    throw error;
  }
}

/** Undoes `mountDisk`, also one that was cut short; the file is complete and may be copied or attached elsewhere. */
export async function unmountDisk(host: Host, file: string, folder: string): Promise<void> {
  await unmountBelow(host, `${folder}/sysroot`);
  await unmountBelow(host, `${folder}/containers`);
  await detachDevicesOf(host, (backingFile) => backingFile === file);
}

/** The paths of a disk that `mountDisk` mounted there earlier; `undefined` when it isn't mounted. */
export async function findMountedDisk(
  host: Host,
  file: string,
  folder: string,
): Promise<MountedDisk | undefined> {
  const at = new Set((await mountsBelow(host, folder)).map((mount) => mount.mountPoint));
  if (!at.has(`${folder}/sysroot/boot`)) return undefined;
  const containers = `${folder}/containers`;
  return { file, sysroot: `${folder}/sysroot`, containers: at.has(containers) ? containers : undefined };
}

function getPartition(table: readonly Partition[], name: string, file: string): Partition {
  const found = table.find((partition) => partition.name === name);
  if (found !== undefined) return found;
  const names = table.map((partition) => partition.name).join(', ');
  throw new Failure({
    code: 'machines/disk-without-partition',
    message: `${file} has no partition "${name}" (it has: ${names === '' ? 'none' : names})`,
    hint: 'install an operating system on it first',
  });
}
