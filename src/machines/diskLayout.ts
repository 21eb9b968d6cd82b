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

const BIOS_BOOT = '21686148-6449-6E6F-744E-656564454649';
const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

/**
 * The partitions of an RHCOS disk (names, order and the sizes of the first three), then the container store that an
 * installer for image-based installation appends (lifecycle-agent.md; additions.md, "partitions").
 * EFI-SYSTEM stays empty: the boot loader is for BIOS.
 */
export const rhcosPartitions = (rootMiB: number): PlannedPartition[] => [
  { name: 'BIOS-BOOT', type: BIOS_BOOT, sizeMiB: 1 },
  { name: 'EFI-SYSTEM', type: EFI_SYSTEM, sizeMiB: 127 },
  { name: 'boot', type: LINUX, sizeMiB: 384, fileSystem: { type: 'ext4', label: 'boot' } },
  { name: 'root', type: LINUX, sizeMiB: rootMiB, fileSystem: { type: 'ext4', label: 'root' } },
  { name: 'var-lib-containers', type: LINUX, fileSystem: { type: 'xfs' } },
];

/** The input that makes `sfdisk` write these partitions, aligned to 1 MiB. */
export function renderSfdiskScript(partitions: readonly PlannedPartition[]): string {
  const lines = partitions.map(({ name, type, sizeMiB }) => {
    const size = sizeMiB === undefined ? '' : `size=${sizeMiB}MiB, `;
    return `${size}type=${type}, name="${name}"`;
  });
  return ['label: gpt', ...lines, ''].join('\n');
}
