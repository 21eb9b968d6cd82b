import { createHash } from 'node:crypto';
import { diskId, setDiskId } from '#system/disk.ts';
import type { Host } from '#system/host.ts';
import type { IbiContext } from './context.ts';

/** "sower" and a version 8 UUID's mark: what an unfinished installation calls its disk. */
const MARK = '736f7765-7200-8';

/** Digest of all that decides what an installation makes: the configuration and the seed. */
export const inputDigest = ({ config }: IbiContext, seedDigest: string): string =>
  createHash('sha256')
    .update(JSON.stringify([Object.entries(config).sort(), seedDigest]))
    .digest('hex');

/** The GPT's disk GUID while these inputs are being installed: it can be read without mounting anything. */
export function markerOf(input: string): string {
  return `${MARK}${input.slice(0, 3)}-a${input.slice(3, 6)}-${input.slice(6, 18)}`;
}

export type DiskState = 'no-installation' | 'same-unfinished' | 'other-unfinished';

/** What the disk says of itself. */
export async function readDiskState(host: Host, disk: string, input: string): Promise<DiskState> {
  const id = (await diskId(host, disk)).toLowerCase();
  if (!id.startsWith(MARK)) return 'no-installation';
  return id === markerOf(input) ? 'same-unfinished' : 'other-unfinished';
}

/** From now on a re-run goes on with what is on the disk: all its file systems are there. */
export const markUnfinished = (host: Host, disk: string, input: string): Promise<void> =>
  setDiskId(host, disk, markerOf(input));

/** An ordinary version 4 UUID takes the marker's place. */
export async function markFinished({ host, randomBytes }: IbiContext, disk: string): Promise<void> {
  const id = randomBytes(16);
  id[6] = (id[6]! & 0x0f) | 0x40;
  id[8] = (id[8]! & 0x3f) | 0x80;
  await setDiskId(host, disk, id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
}
