import { LEADING_PARTITIONS, LINUX_PARTITION } from '#formats/rhcosPartitions.ts';
import type { FileSystem } from '#system/disk.ts';

/** A partition to be made. */
export interface PlannedPartition {
  /** GPT partition name; partitions are looked up by it, never by number. */
  readonly name: string;
  /** GPT type as sfdisk takes it: a GUID or an alias. */
  readonly type: string;
  /** MiB; the last one may leave it out and takes the rest. */
  readonly sizeMiB?: number;
  /** Made in it with this label; none if left out. */
  readonly fileSystem?: { readonly type: FileSystem; readonly label?: string };
}

/**
 * The partitions of an RHCOS disk (names, order and the sizes of the first three), then the container store that an
 * installer for image-based installation appends (lifecycle-agent.md; additions.md, "partitions").
 * EFI-SYSTEM stays empty: the boot loader is for BIOS.
 */
export const rhcosPartitions = (rootMiB: number): PlannedPartition[] => [
  ...LEADING_PARTITIONS.map((partition) =>
    partition.name === 'boot'
      ? { ...partition, fileSystem: { type: 'ext4', label: 'boot' } as const }
      : partition,
  ),
  { name: 'root', type: LINUX_PARTITION, sizeMiB: rootMiB, fileSystem: { type: 'ext4', label: 'root' } },
  { name: 'var-lib-containers', type: LINUX_PARTITION, fileSystem: { type: 'xfs' } },
];

/** The input that makes `sfdisk` write these partitions, aligned to 1 MiB. */
export function renderSfdiskScript(partitions: readonly PlannedPartition[]): string {
  const lines = partitions.map(({ name, type, sizeMiB }) => {
    const size = sizeMiB === undefined ? '' : `size=${sizeMiB}MiB, `;
    return `${size}type=${type}, name="${name}"`;
  });
  return ['label: gpt', ...lines, ''].join('\n');
}
