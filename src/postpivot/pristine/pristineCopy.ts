import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { canShareBlocks, copyInto, freeBytes, syncFileSystem, usedBytes } from '#system/fileTrees.ts';
import { ETCD_DATA, STATE_DIRECTORY } from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';

/** A directory of the host that post-pivot changes in ways that can't be undone. */
export interface PristineTree {
  readonly live: string;
  readonly copy: string;
  /** Names in it that are not copied: what is there belongs to pods that run. */
  readonly except: readonly string[];
}

const PRISTINE = `${STATE_DIRECTORY}/pristine`;
const INCOMING = `${PRISTINE}.incoming`;
const REMOVED = `${PRISTINE}.removed`;

/** recert rewrites all three; the original keeps a copy of none (lifecycle-agent 23.2). */
export const PRISTINE_TREES: readonly PristineTree[] = [
  { live: '/etc', copy: `${PRISTINE}/etc`, except: [] },
  { live: ETCD_DATA, copy: `${PRISTINE}/etcd`, except: [] },
  { live: '/var/lib/kubelet', copy: `${PRISTINE}/kubelet`, except: ['pods'] },
];

/** What the file system needs to go on working beside the copy. */
const RESERVE_BYTES = 128 * 1024 * 1024;

type World = Pick<PostPivotWorld, 'host' | 'logger'>;

/** A copy that is there is whole: it gets its name last. */
export const hasPristineCopy = ({ host }: Pick<PostPivotWorld, 'host'>): Promise<boolean> =>
  host.files.exists(PRISTINE);

/**
 * Copies what the seed brought, before the first change. It holds the seed's keys, as the originals still do then, and
 * is removed when the cluster has its own. Failure `postpivot/no-space`.
 */
export async function makePristineCopy(world: World): Promise<void> {
  const { host } = world;
  const { files } = host;
  await files.remove(INCOMING);
  await files.makeDirectory(INCOMING, 0o700);
  const trees = await Promise.all(
    PRISTINE_TREES.map(async (tree) => ({ tree, sources: await sourcesOf(world, tree) })),
  );
  await refuseWithoutSpace(
    world,
    trees.flatMap(({ sources }) => sources),
  );
  await Promise.all(
    trees.map(async ({ tree, sources }) => {
      const target = INCOMING + tree.copy.slice(PRISTINE.length);
      await files.makeDirectory(target, 0o700);
      await copyInto(host, sources, target);
    }),
  );
  await syncFileSystem(host, INCOMING);
  await files.rename(INCOMING, PRISTINE);
}

/** Gone at once under its name, so that a half-removed copy is never taken for a whole one. */
export async function removePristineCopy({ host }: Pick<PostPivotWorld, 'host'>): Promise<void> {
  const { files } = host;
  if (await files.exists(PRISTINE)) {
    await files.remove(REMOVED);
    await files.rename(PRISTINE, REMOVED);
  }
  for (const path of [REMOVED, INCOMING]) await files.remove(path);
}

/** Children one by one: a tree may be a mount point, and some of them stay out. */
async function sourcesOf({ host }: World, { live, except }: PristineTree): Promise<string[]> {
  if ((await host.files.facts(live))?.kind !== 'directory') return [];
  const names = await host.files.list(live);
  return names.filter((name) => !except.includes(name)).map((name) => `${live}/${name}`);
}

async function refuseWithoutSpace({ host, logger }: World, sources: readonly string[]): Promise<void> {
  const database = `${ETCD_DATA}/member/snap/db`;
  const isShared = (await host.files.exists(database)) && (await canShareBlocks(host, database, INCOMING));
  const [needed, free] = [await usedBytes(host, sources), await freeBytes(host, INCOMING)];
  const how = isShared
    ? 'which share their blocks with the originals'
    : 'as the file system can not share blocks';
  info(logger, `pristine copy: ${megabytes(needed)} of etcd, /etc and kubelet, ${how}`);
  if (isShared || free >= needed + RESERVE_BYTES) return;
  await host.files.remove(INCOMING);
  throw new Failure({
    code: 'postpivot/no-space',
    message: `a copy of etcd, /etc and /var/lib/kubelet takes ${megabytes(needed)}, but below ${STATE_DIRECTORY} only ${megabytes(free)} are free, ${megabytes(RESERVE_BYTES)} of them kept in reserve`,
    hint: 'nothing of the cluster was changed; make room on this file system, the next attempt follows by itself',
  });
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
