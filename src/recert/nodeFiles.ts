import { posix } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { Files } from '#system/host.ts';

/** A regular file of the node with its content; links are followed by nobody, their targets are files of their own. */
export interface NodeFile {
  readonly path: string;
  readonly content: Buffer;
  /** Scanned for keys, certificates and tokens. */
  readonly hasCrypto: boolean;
  /** Edited by rename rules. */
  readonly isCustomized: boolean;
  /** Named by itself in the configuration, not found in a directory. */
  readonly isListed: boolean;
}

export interface NodePaths {
  readonly cryptoDirs: readonly string[];
  readonly cryptoFiles: readonly string[];
  readonly customizationDirs: readonly string[];
  readonly customizationFiles: readonly string[];
}

/** Configuration is small; what is larger is data of workloads or images. */
const LARGEST_FILE = 4 << 20;

/** Volumes that hold copies of API objects; all others are users' data, maybe terabytes of it. */
const OBJECT_VOLUMES = /^kubernetes\.io~(?:secret|configmap|projected|downward-api)$/;
const DATA_DIRECTORIES = new Set(['plugins', 'volume-subpaths']);

/**
 * Reads every file below the directories and the files named themselves. The original reads only certain names, and
 * no hidden directories; here any file may hold crypto, since copies in volumes (`..data`) are as good as others.
 */
export async function readNodeFiles(files: Files, paths: NodePaths): Promise<Map<string, NodeFile>> {
  const found = new Map<string, NodeFile>();
  const add = async (path: string, use: Pick<NodeFile, 'hasCrypto' | 'isCustomized' | 'isListed'>) => {
    const known = found.get(path);
    found.set(path, {
      path,
      content: known?.content ?? (await files.read(path)),
      hasCrypto: use.hasCrypto || (known?.hasCrypto ?? false),
      isCustomized: use.isCustomized || (known?.isCustomized ?? false),
      isListed: use.isListed || (known?.isListed ?? false),
    });
  };
  const inDirectories = { isListed: false };
  for (const path of await walkAll(files, paths.cryptoDirs))
    await add(path, { ...inDirectories, hasCrypto: true, isCustomized: false });
  for (const path of await walkAll(files, paths.customizationDirs))
    await add(path, { ...inDirectories, hasCrypto: false, isCustomized: true });
  for (const path of paths.cryptoFiles)
    await add(await targetOf(files, path), { hasCrypto: true, isCustomized: false, isListed: true });
  for (const path of paths.customizationFiles)
    await add(await targetOf(files, path), { hasCrypto: false, isCustomized: true, isListed: true });
  return found;
}

async function walkAll(files: Files, directories: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const directory of directories) paths.push(...(await walk(files, posix.normalize(directory))));
  return paths;
}

async function walk(files: Files, directory: string): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await files.list(directory)) {
    const path = posix.join(directory, name);
    const facts = await files.facts(path);
    if (facts?.kind === 'directory' && isConfiguration(name)) paths.push(...(await walk(files, path)));
    if (facts?.kind === 'file' && facts.size <= LARGEST_FILE) paths.push(path);
  }
  return paths;
}

const isConfiguration = (name: string): boolean =>
  !DATA_DIRECTORIES.has(name) && (!name.startsWith('kubernetes.io~') || OBJECT_VOLUMES.test(name));

/** A file that is named by itself may be a link; it is the target that is read and written. */
async function targetOf(files: Files, path: string): Promise<string> {
  let at = posix.normalize(path);
  for (let links = 0; links < 10; links++) {
    const facts = await files.facts(at);
    if (facts?.kind !== 'symlink') return at;
    at = posix.resolve(posix.dirname(at), await files.readLink(at));
  }
  throw new Failure({ code: 'recert/link-loop', message: `${path} is a loop of symbolic links` });
}
