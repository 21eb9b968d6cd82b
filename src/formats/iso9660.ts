/** Bytes of a logical sector, and of a logical block in everything written here. */
export const SECTOR = 2048;

/** The first volume descriptor stands here; the sectors before it belong to the system. */
export const FIRST_DESCRIPTOR = 16 * SECTOR;

/** Standard identifier of every volume descriptor. */
export const STANDARD_ID = 'CD001';

/** What an ISO 9660 image is to hold. The paths of directories above an entry need not be listed. */
export interface IsoPlan {
  /** At most 32 ASCII characters; what `blkid` and udev call the label. */
  readonly volumeId: string;
  /** Time of the volume and of everything in it. */
  readonly created: Date;
  /** Permission bits of the root directory. */
  readonly rootMode: number;
  readonly entries: readonly IsoPlanEntry[];
}

/** A file, or a directory where there is no content. Everything belongs to root. */
export interface IsoPlanEntry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array;
}

/** Field numbers of a directory record. */
export const RECORD = {
  length: 0,
  extendedLength: 1,
  extent: 2,
  size: 10,
  flags: 25,
  unitSize: 26,
  nameLength: 32,
  name: 33,
};

export const FLAG_DIRECTORY = 0x02;
export const FLAG_MULTI_EXTENT = 0x80;
