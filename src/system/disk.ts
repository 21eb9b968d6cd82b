import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import type { Host } from './host.ts';

/** A block device as lsblk has it. */
export interface BlockDevice {
  readonly path: string;
  /** `disk`, `part`, `loop`, `raid1`, `lvm`, ... */
  readonly type: string;
  /** `major:minor` */
  readonly device: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly mountPoints: readonly string[];
  /** What stands on it: partitions, LVM, RAID. */
  readonly children: readonly BlockDevice[];
}

/** A partition as it stands in a GPT. */
export interface Partition {
  /** Where the kernel would put its node; the node need not exist (no partition support, no udev). */
  readonly node: string;
  readonly name: string;
  /** In sectors of the disk. */
  readonly start: number;
  readonly size: number;
}

export interface PartitionTable {
  readonly sectorSize: number;
  readonly partitions: readonly Partition[];
}

/** The block device behind a path, links such as /dev/disk/by-id resolved; `undefined` when there is none. */
export async function findBlockDevice(host: Host, path: string): Promise<BlockDevice | undefined> {
  const resolved = await host.run(['realpath', '--canonicalize-existing', path], { okCodes: [0, 1] });
  const real = resolved.stdout.trimEnd();
  if (resolved.code !== 0 || (await host.files.facts(real))?.kind !== 'block') return undefined;
  const columns = 'PATH,TYPE,MAJ:MIN,SIZE,RO,MOUNTPOINTS';
  const { stdout } = await host.run(['lsblk', '--json', '--bytes', `--output=${columns}`, real]);
  return parseLsblk(stdout)[0];
}

interface LsblkDevice {
  readonly path: string;
  readonly type: string;
  readonly 'maj:min': string;
  readonly size: number;
  readonly ro: boolean;
  readonly mountpoints?: readonly (string | null)[];
  readonly children?: readonly LsblkDevice[];
}

export function parseLsblk(json: string): BlockDevice[] {
  const convert = (d: LsblkDevice): BlockDevice => ({
    path: d.path,
    type: d.type,
    device: d['maj:min'].trim(),
    sizeBytes: Number(d.size),
    readOnly: d.ro,
    mountPoints: (d.mountpoints ?? []).filter((m) => m !== null),
    children: (d.children ?? []).map(convert),
  });
  const { blockdevices = [] } = JSON.parse(json) as { blockdevices?: LsblkDevice[] };
  return blockdevices.map(convert);
}

/** Bytes of a logical sector. */
export async function sectorSize(host: Host, disk: string): Promise<number> {
  return Number((await host.run(['blockdev', '--getss', disk])).stdout.trim());
}

/** sfdisk with a script on its input; waits for udev where there is one. */
export async function runSfdisk(host: Host, disk: string, script: string, append = false): Promise<void> {
  const mode = append ? ['--append'] : ['--wipe=always', '--wipe-partitions=always'];
  await host.run(['sfdisk', '--quiet', ...mode, disk], { input: script });
  if (await host.has('udevadm')) await host.run(['udevadm', 'settle'], { okCodes: [0, 1] });
}

export async function readPartitionTable(host: Host, disk: string): Promise<PartitionTable> {
  return parseSfdiskJson((await host.run(['sfdisk', '--json', disk])).stdout);
}

/** The GUID of a GPT; empty for a disk without partition table. */
export async function diskId(host: Host, disk: string): Promise<string> {
  return (await host.run(['sfdisk', '--disk-id', disk], { okCodes: [0, 1] })).stdout.trim();
}

/** Partitions may be mounted meanwhile: nothing of them changes. */
export async function setDiskId(host: Host, disk: string, id: string): Promise<void> {
  const quietly = ['--quiet', '--force', '--no-reread', '--no-tell-kernel'];
  await host.run(['sfdisk', ...quietly, '--disk-id', disk, id]);
}

export function parseSfdiskJson(json: string): PartitionTable {
  const { partitiontable: table } = JSON.parse(json) as {
    partitiontable: {
      sectorsize?: number;
      partitions?: { node: string; name?: string; start: number; size: number }[];
    };
  };
  return {
    sectorSize: table.sectorsize ?? 512,
    partitions: (table.partitions ?? []).map(({ node, name = '', start, size }) => ({
      node,
      name,
      start,
      size,
    })),
  };
}

export interface OpenPartition {
  readonly device: string;
  /** Loop devices are detached; the kernel's own nodes stay. */
  close(): Promise<void>;
}

/**
 * A device for the partition of that GPT name: the kernel's node, or a loop device over its range where the kernel
 * reads no partition tables (lab-image.md B) or makes no nodes (containers).
 */
export async function openPartition(host: Host, disk: string, name: string): Promise<OpenPartition> {
  const table = await readPartitionTable(host, disk);
  const partition = table.partitions.find((p) => p.name === name);
  if (partition === undefined) {
    throw new Failure({
      code: 'system/partition-missing',
      message: `${disk} has no partition named "${name}" (it has: ${table.partitions.map((p) => p.name).join(', ')})`,
    });
  }
  if ((await host.files.facts(partition.node))?.kind === 'block') {
    return { device: partition.node, close: async () => {} };
  }
  const bytes = (sectors: number): string => String(sectors * table.sectorSize);
  const range = ['--offset', bytes(partition.start), '--sizelimit', bytes(partition.size)];
  const device = (await host.run(['losetup', '--find', '--show', ...range, disk])).stdout.trim();
  return { device, close: () => detachLoop(host, device) };
}

const DETACH_SECONDS = 5;

/**
 * Detaches a loop device and waits until it is gone: the kernel puts that off while another mount namespace (a container
 * that starts in this moment) still has its file system. Failure `system/loop-busy`.
 */
export async function detachLoop(host: Host, device: string): Promise<void> {
  const backing = `/sys/block/${device.slice('/dev/'.length)}/loop/backing_file`;
  // The file may vanish, or be of no device any more, between its opening and its reading.
  const backingFile = () =>
    host.files.readIfExists(backing).then(
      (text) => text?.toString('utf8'),
      () => undefined,
    );
  const before = await backingFile();
  await host.run(['losetup', '--detach', device], { okCodes: [0, 1] });
  const deadline = performance.now() + DETACH_SECONDS * 1000;
  while (before !== undefined && (await backingFile()) === before) {
    if (performance.now() > deadline) {
      throw new Failure({
        code: 'system/loop-busy',
        message: `${device} is still in use ${DETACH_SECONDS} s after it was detached`,
        hint: `find its users with "grep ${device} /proc/*/mountinfo", end them, and run the command again`,
      });
    }
    await sleep(50);
  }
}

/** Loop devices that stand on the disk, from a run that was killed. */
export async function findLoopsOn(host: Host, disk: string): Promise<string[]> {
  const { stdout } = await host.run([
    'losetup',
    '--list',
    '--noheadings',
    '--output=NAME',
    '--associated',
    disk,
  ]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Writes bytes at an offset of a device or file, and nothing else. */
export async function writeAt(host: Host, target: string, offset: number, bytes: Uint8Array): Promise<void> {
  const flags = ['oflag=seek_bytes', 'iflag=fullblock', 'conv=notrunc,fsync', 'bs=1M', 'status=none'];
  await host.run(['dd', `of=${target}`, `seek=${offset}`, ...flags], { input: bytes });
}

export type FileSystem = 'ext4' | 'xfs';

/** Makes a file system without zeroing or discarding first: the tools would else take minutes on a large disk. */
export async function makeFileSystem(
  host: Host,
  device: string,
  type: FileSystem,
  label?: string,
): Promise<void> {
  const named = label === undefined ? [] : ['-L', label];
  const argv =
    type === 'xfs'
      ? ['mkfs.xfs', '-q', '-f', '-K', ...named, device]
      : ['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard', ...named, device];
  await host.run(argv);
}
