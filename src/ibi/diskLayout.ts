import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { Failure } from '#base/failure.ts';
import { LEADING_PARTITIONS, LINUX_PARTITION } from '#formats/rhcosPartitions.ts';

const MIB = 1024 ** 2;
/** What an OSTree root needs beside the seed's own content: two kernels' worth of room for the first upgrade. */
const ROOT_MINIMUM = 1024 * MIB;

export interface PlannedPartition {
  readonly name: string;
  readonly type: string;
  /** In sectors. */
  readonly start: number;
  /** In sectors; left out: to the end of the disk. */
  readonly size?: number;
}

export interface DiskSize {
  readonly sizeBytes: number;
  readonly sectorSize: number;
}

export interface ExtraPartition {
  readonly label: string;
  /** `0` or `[+-]<number>[KMGT]` */
  readonly start: string;
}

/**
 * The first sector of the extra partition: a positive value counts from the start of the disk, a negative one is the
 * partition's size at its end, rounded down to a whole MiB (lifecycle-agent 3.3).
 * Failure `ibi/extra-partition-does-not-fit` when it would not lie on the disk.
 */
export function planExtraStart(extra: ExtraPartition, disk: DiskSize): number {
  const bytes = parseSize(extra.start);
  const offset = bytes < 0 ? disk.sizeBytes + bytes : bytes;
  const aligned = Math.floor(offset / MIB) * MIB;
  if (aligned > 0 && aligned < disk.sizeBytes) return aligned / disk.sectorSize;
  throw new Failure({
    code: 'ibi/extra-partition-does-not-fit',
    message: `extraPartitionStart: ${extra.start} does not lie on a disk of ${disk.sizeBytes} bytes`,
    hint: 'use a smaller extra partition or a larger disk; nothing was changed',
  });
}

/** Bytes, powers of 1024; with its sign. */
export function parseSize(text: string): number {
  const match = /^([+-]?)(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim());
  if (match === null) {
    throw new Failure({
      code: 'ibi/size-invalid',
      message: `"${text}" is not a size`,
      hint: 'write a number and K, M, G or T, for example -40G',
    });
  }
  const unit = 1024 ** ' KMGT'.indexOf(match[3]!.toUpperCase() || ' ');
  return Math.floor(Number(match[2]) * unit) * (match[1] === '-' ? -1 : 1);
}

/**
 * The partitions that RHCOS has, in its order and with its names, for hosts without coreos-installer; the extra one
 * last, as an appended one would be. Failure `ibi/disk-too-small` when the root would not hold the seed.
 */
export function planDiskLayout(
  disk: DiskSize,
  options: { readonly extra?: ExtraPartition; readonly seedBytes: number },
): PlannedPartition[] {
  const sectors = (bytes: number): number => bytes / disk.sectorSize;
  const leading = LEADING_PARTITIONS.reduce((sum, { sizeMiB }) => sum + sizeMiB, 0);
  const rootStart = (1 + leading) * MIB;
  const extraStart = options.extra && planExtraStart(options.extra, disk);
  const rootEnd = extraStart === undefined ? disk.sizeBytes - MIB : extraStart * disk.sectorSize;
  // The compressed image, its unpacked repository and the deployment stand on the root at the same time.
  const needed = ROOT_MINIMUM + 4 * options.seedBytes;
  if (rootEnd - rootStart < needed) {
    throw new Failure({
      code: 'ibi/disk-too-small',
      message: `the root partition would have ${mebibytes(rootEnd - rootStart)}, the seed needs ${mebibytes(needed)}`,
      hint: 'use a larger disk or a smaller extra partition (extraPartitionStart); nothing was changed',
      facts: { rootBytes: rootEnd - rootStart, neededBytes: needed },
    });
  }
  let start = MIB;
  const first = LEADING_PARTITIONS.map(({ name, type, sizeMiB }) => {
    const partition = { name, type, start: sectors(start), size: sectors(sizeMiB * MIB) };
    start += sizeMiB * MIB;
    return partition;
  });
  const root = { name: 'root', type: LINUX_PARTITION, start: sectors(rootStart) };
  return [
    ...first,
    extraStart === undefined ? root : { ...root, size: sectors(rootEnd - rootStart) },
    ...(options.extra && extraStart !== undefined
      ? [{ name: options.extra.label, type: LINUX_PARTITION, start: extraStart }]
      : []),
  ];
}

/** The layout that a configuration asks for; RHCOS's own partitions are the same, whoever makes them. */
export function planPartitions(
  config: Pick<IBIPrepareConfig, 'extraPartitionLabel' | 'extraPartitionStart' | 'useContainersFolder'>,
  disk: DiskSize,
  seedBytes: number,
): PlannedPartition[] {
  const extra = { label: config.extraPartitionLabel, start: config.extraPartitionStart };
  return planDiskLayout(disk, config.useContainersFolder ? { seedBytes } : { extra, seedBytes });
}

/** Input of sfdisk. */
export function renderSfdiskScript(partitions: readonly PlannedPartition[]): string {
  const lines = partitions.map(({ name, type, start, size }) =>
    [
      `start=${start}`,
      ...(size === undefined ? [] : [`size=${size}`]),
      `type=${type}`,
      `name="${name}"`,
    ].join(', '),
  );
  return `label: gpt\n${lines.join('\n')}\n`;
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
