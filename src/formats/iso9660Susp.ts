/** The Rock Ridge facts of one directory record. */
export interface RockRidgeFacts {
  readonly name?: Buffer;
  /** POSIX mode with the type bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly isLink: boolean;
  /** The record stands for a directory that was moved to get round the depth limit. */
  readonly isRelocated: boolean;
  /** Where the system use area goes on. */
  readonly continuation?: { readonly block: number; readonly offset: number; readonly length: number };
}

/** NM flags that say "current directory" and "parent directory" instead of a name. */
const NM_SPECIAL = 0x06;

/**
 * Reads the SUSP entries of one area; malformed entries end the area, as in Linux.
 * Entries that are not Rock Ridge's are passed over.
 */
export function parseSystemUse(area: Uint8Array): RockRidgeFacts {
  const bytes = Buffer.from(area.buffer, area.byteOffset, area.length);
  const names: Buffer[] = [];
  let facts: RockRidgeFacts = { isLink: false, isRelocated: false };
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes[at + 2]!;
    if (length < 4 || at + length > bytes.length) break;
    const entry = bytes.subarray(at, at + length);
    const signature = entry.toString('latin1', 0, 2);
    if (signature === 'ST') break;
    if (signature === 'NM' && length > 5 && (entry[4]! & NM_SPECIAL) === 0) names.push(entry.subarray(5));
    else facts = { ...facts, ...factsOfEntry(signature, entry) };
    at += length;
  }
  return names.length === 0 ? facts : { ...facts, name: Buffer.concat(names) };
}

function factsOfEntry(signature: string, entry: Buffer): Partial<RockRidgeFacts> {
  switch (signature) {
    case 'PX':
      if (entry.length < 36) return {};
      return { mode: entry.readUInt32LE(4), uid: entry.readUInt32LE(20), gid: entry.readUInt32LE(28) };
    case 'SL':
      return { isLink: true };
    case 'CL':
    case 'RE':
      return { isRelocated: true };
    case 'CE':
      if (entry.length < 28) return {};
      return {
        continuation: {
          block: entry.readUInt32LE(4),
          offset: entry.readUInt32LE(12),
          length: entry.readUInt32LE(20),
        },
      };
    default:
      return {};
  }
}

/** Bytes to skip before the entries of every system use area but the first; undefined where there is no SUSP at all. */
export function findSuspSkip(rootSystemUse: Uint8Array): number | undefined {
  const [s, p, length, , be, ef, skip] = rootSystemUse;
  return s === 0x53 && p === 0x50 && length! >= 7 && be === 0xbe && ef === 0xef ? skip : undefined;
}
