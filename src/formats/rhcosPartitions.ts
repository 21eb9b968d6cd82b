/** GPT partition type of Linux file systems. */
export const LINUX_PARTITION = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

/** A partition of an RHCOS disk that every disk has in the same size. */
export interface LeadingPartition {
  /** GPT partition name; partitions are looked up by it, never by number. */
  readonly name: string;
  /** GPT partition type. */
  readonly type: string;
  readonly sizeMiB: number;
}

/** What stands before the root on an RHCOS disk, in its order (spec/additions, "partitions"); the first one begins at 1 MiB. */
export const LEADING_PARTITIONS: readonly LeadingPartition[] = [
  { name: 'BIOS-BOOT', type: '21686148-6449-6E6F-744E-656564454649', sizeMiB: 1 },
  { name: 'EFI-SYSTEM', type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', sizeMiB: 127 },
  { name: 'boot', type: LINUX_PARTITION, sizeMiB: 384 },
];
