import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Files that belong to the program: in a checkout they lie in the source tree, in the single executable they are an asset. */
export interface DataFiles {
  /** Relative paths with slashes, sorted folder by folder. */
  list(): readonly string[];
  /** Text of one of the listed files. */
  read(path: string): string;
}

/** Texts by relative path. */
export type DataTexts = Readonly<Record<string, string>>;

/** Opens a folder of the source tree, given relative to `src`. Nothing is read before the first file is asked for. */
export function openDataFiles(folder: string): DataFiles {
  let opened: DataFiles | undefined;
  const open = (): DataFiles => {
    opened ??= dataFilesOf(embeddedTexts(folder) ?? readTexts(join(import.meta.dirname, '..', folder)));
    return opened;
  };
  return { list: () => open().list(), read: (path) => open().read(path) };
}

/** Data files that are in memory. */
export function dataFilesOf(texts: DataTexts): DataFiles {
  const paths = Object.keys(texts).sort(byFolder);
  return {
    list: () => paths,
    read: (path) => {
      if (!Object.hasOwn(texts, path)) throw new Error(`${path} is no data file of this program`);
      return texts[path]!;
    },
  };
}

/** All files below a folder. */
export function readTexts(folder: string): DataTexts {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), readFileSync(path, 'utf8')];
    }),
  );
}

/** Name of the single executable's asset that holds the texts of a folder, as JSON. */
export const dataAssetName = (folder: string): string => `${folder}.json`;

function embeddedTexts(folder: string): DataTexts | undefined {
  // Not imported: the module is of no use where the sources run as they are.
  const sea = process.getBuiltinModule('node:sea');
  return sea.isSea() ? (JSON.parse(sea.getAsset(dataAssetName(folder), 'utf8')) as DataTexts) : undefined;
}

/** As a walk meets them: a folder's content is not torn apart by a sibling whose name begins like the folder's. */
function byFolder(a: string, b: string): number {
  const [x, y] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return x < y ? -1 : x > y ? 1 : 0;
}
