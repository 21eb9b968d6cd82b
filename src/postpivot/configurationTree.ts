import type { Files } from '#system/host.ts';
import { CONFIGURATION, WORK_DIRECTORY } from './paths.ts';

/** Files of a configuration volume: path relative to its root -> content. */
export type ConfigurationTree = ReadonlyMap<string, Buffer>;

const INCOMING = `${WORK_DIRECTORY}.incoming`;

/** Every regular file below a directory; the empty tree if there is no such directory. */
export async function readConfigurationTree(files: Files, root: string): Promise<ConfigurationTree> {
  const tree = new Map<string, Buffer>();
  const visit = async (path: string): Promise<void> => {
    const facts = await files.facts(path);
    if (facts?.kind === 'file') tree.set(path.slice(root.length + 1), await files.read(path));
    if (facts?.kind !== 'directory') return;
    for (const name of await files.list(path)) await visit(`${path}/${name}`);
  };
  await visit(root);
  return tree;
}

/**
 * Puts the tree in place: written aside, then moved by one rename for each folder, the configuration itself last, so that
 * a configuration which is there is complete. The original copies in place and takes a half-written directory for a
 * whole one after a crash (lifecycle-agent 20, D5).
 */
export async function installConfigurationTree(files: Files, tree: ConfigurationTree): Promise<void> {
  await files.remove(INCOMING);
  await files.makeDirectory(INCOMING, 0o700);
  for (const [path, content] of tree) {
    await files.makeDirectory(`${INCOMING}/${path}`.replace(/\/[^/]*$/, ''), 0o700);
    await files.write(`${INCOMING}/${path}`, content, { mode: 0o600 });
  }
  await files.makeDirectory(WORK_DIRECTORY, 0o700);
  const [last] = CONFIGURATION.split('/');
  const names = (await files.list(INCOMING)).filter((name) => name !== last);
  for (const name of [...names, last!]) {
    await files.remove(`${WORK_DIRECTORY}/${name}`);
    await files.rename(`${INCOMING}/${name}`, `${WORK_DIRECTORY}/${name}`);
  }
  await files.remove(INCOMING);
}

/** The files of one directory of the tree, in order of their names. */
export function filesIn(tree: ConfigurationTree, directory: string): [name: string, content: Buffer][] {
  return [...tree]
    .filter(([path]) => path.startsWith(`${directory}/`))
    .map(([path, content]): [string, Buffer] => [path.slice(directory.length + 1), content])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
