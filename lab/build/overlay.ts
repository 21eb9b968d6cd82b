import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { LAB_NETWORK, LAB_REGISTRY, labImage } from '#lab/network.ts';
import { recipeFile } from '../checkout.ts';

/** One of our own files in the lab's operating system. */
export interface OverlayFile {
  /** Relative to the root of the tree. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: string;
}

const VALUES: Readonly<Record<string, string>> = {
  gateway: LAB_NETWORK.gateway,
  registry: LAB_REGISTRY.name,
  registryEndpoint: LAB_REGISTRY.endpoint,
  registryHost: LAB_REGISTRY.name.split(':')[0]!,
  pauseImage: labImage('pause', '1'),
};

/** The files below lab/build/overlay with the lab's addresses filled in, in the order of their paths. */
export async function readOverlay(folder: string = recipeFile('overlay')): Promise<OverlayFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => ({
      path: renderTemplate(relative(folder, file), VALUES),
      executable: ((await lstat(file)).mode & 0o100) !== 0,
      content: renderTemplate(await readFile(file, 'utf8'), VALUES),
    })),
  );
}

/** Replaces each `{{name}}`, in contents as in paths; a name without a value is a defect. */
export function renderTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {{${name}}}`);
    return value;
  });
}

/** Hex digest over paths, modes and contents. */
export function overlayDigest(files: readonly OverlayFile[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex');
}

/** Lays the files over a tree. */
export async function writeOverlay(files: readonly OverlayFile[], tree: string): Promise<void> {
  for (const file of files) {
    const path = join(tree, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content);
    await chmod(path, file.executable ? 0o755 : 0o644); // also of a file that a package has brought
  }
}
