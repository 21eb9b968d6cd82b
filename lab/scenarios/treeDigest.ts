import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything below a folder: kind, mode, owner and content by relative path. */
export type TreeDigest = ReadonlyMap<string, string>;

export async function digestTree(root: string, skip: readonly string[] = []): Promise<TreeDigest> {
  const found = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    if (skip.includes(path)) return;
    const facts = await lstat(join(root, path));
    const common = `${facts.mode.toString(8)} ${facts.uid}:${facts.gid}`;
    if (facts.isFile()) found.set(path, `${common} ${await digestFile(join(root, path))}`);
    else if (facts.isSymbolicLink()) found.set(path, `link ${await readlink(join(root, path))}`);
    else found.set(path, common);
    if (!facts.isDirectory()) return;
    for (const name of await readdir(join(root, path))) await visit(join(path, name));
  };
  await visit('');
  return found;
}

/** Paths that are new, gone or other than before. */
export function changedPaths(before: TreeDigest, after: TreeDigest): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

/** SHA-256 of a file or of all of a block device. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
