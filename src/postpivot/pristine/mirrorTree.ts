import { posix } from 'node:path';
import { copyEach, copyInto, copyOwnerAndMode } from '#system/fileTrees.ts';
import type { FileFacts, Host } from '#system/host.ts';
import type { PristineTree } from './pristineCopy.ts';

/** What has to happen to a tree so that it is as its copy again. */
interface MirrorPlan {
  /** Paths that the copy does not have. */
  readonly extra: readonly string[];
  /** Things of the copy that are missing, or are something else; with all that is in them. */
  readonly missing: readonly Pair[];
  /** Files and links with another content, owner or mode. */
  readonly changed: readonly Pair[];
  /** Directories with another owner or mode. */
  readonly attributes: readonly Pair[];
}

interface Pair {
  readonly from: string;
  readonly to: string;
}

type OpenPlan = { [part in keyof MirrorPlan]: MirrorPlan[part][number][] };

/** Compares a tree with its copy. What is mounted in the tree (resolv.conf of a container) is not looked at. */
export async function planMirror(
  { files }: Host,
  tree: PristineTree,
  mounted: ReadonlySet<string>,
): Promise<MirrorPlan> {
  const plan: OpenPlan = { extra: [], missing: [], changed: [], attributes: [] };
  const visit = async (from: string, to: string, except: readonly string[]): Promise<void> => {
    const wanted = (await files.list(from)).filter((name) => !except.includes(name));
    const present = (await files.list(to)).filter((name) => !except.includes(name));
    for (const name of present) {
      const path = `${to}/${name}`;
      if (!wanted.includes(name) && !mounted.has(path)) plan.extra.push(path);
    }
    for (const name of wanted) {
      const pair = { from: `${from}/${name}`, to: `${to}/${name}` };
      if (!mounted.has(pair.to)) await compare(pair);
    }
  };
  const compare = async (pair: Pair): Promise<void> => {
    const [was, is] = [await files.facts(pair.from), await files.facts(pair.to)];
    if (was === undefined) return;
    if (is?.kind !== was.kind) {
      if (is !== undefined) plan.extra.push(pair.to);
      plan.missing.push(pair);
    } else if (was.kind === 'directory') {
      if (!hasSameOwnerAndMode(was, is)) plan.attributes.push(pair);
      await visit(pair.from, pair.to, []);
    } else if (await isOther({ files }, pair, was, is)) {
      plan.changed.push(pair);
    }
  };
  await visit(tree.copy, tree.live, tree.except);
  return plan;
}

/**
 * Carries a plan out. Each file takes its place by a rename; a plan that was made anew after a crash has only what is
 * left to do.
 */
export async function carryOutMirror(host: Host, plan: MirrorPlan): Promise<void> {
  const { files } = host;
  for (const path of plan.extra) await files.remove(path);
  for (const [directory, sources] of byDirectory(plan.missing)) await copyInto(host, sources, directory);
  const twins = plan.changed.map(({ from, to }) => ({ from, to, twin: twinOf(to) }));
  for (const { twin } of twins) await files.remove(twin);
  await copyEach(
    host,
    twins.map(({ from, twin }) => ({ from, to: twin })),
  );
  for (const { twin, to } of twins) await files.rename(twin, to);
  for (const { from, to } of plan.attributes) await copyOwnerAndMode(host, from, to);
}

const twinOf = (path: string): string => posix.join(posix.dirname(path), `.${posix.basename(path)}.reset`);

function byDirectory(pairs: readonly Pair[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const { from, to } of pairs) {
    const directory = posix.dirname(to);
    grouped.set(directory, [...(grouped.get(directory) ?? []), from]);
  }
  return grouped;
}

const hasSameOwnerAndMode = (a: FileFacts, b: FileFacts): boolean =>
  a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;

async function isOther(
  { files }: Pick<Host, 'files'>,
  { from, to }: Pair,
  was: FileFacts,
  is: FileFacts,
): Promise<boolean> {
  if (was.kind === 'symlink') return (await files.readLink(from)) !== (await files.readLink(to));
  if (was.kind !== 'file') return false; // sockets and devices: what they are is all there is
  if (was.size !== is.size || !hasSameOwnerAndMode(was, is)) return true;
  return !(await hasSameContent({ files }, from, to, was.size));
}

const CHUNK = 4 * 1024 * 1024;

/** In pieces: a database of etcd may be larger than memory. */
async function hasSameContent(
  { files }: Pick<Host, 'files'>,
  a: string,
  b: string,
  size: number,
): Promise<boolean> {
  for (let offset = 0; offset < size; offset += CHUNK) {
    const pieces = await Promise.all([a, b].map((path) => files.readAt(path, offset, CHUNK)));
    if (!pieces[0]!.equals(pieces[1]!)) return false;
  }
  return true;
}
