import { Failure } from '#base/failure.ts';

/** A file of the host, with the mode it must have; always owned by root unless `uid` and `gid` say otherwise. */
export interface AssetFile {
  readonly kind: 'file';
  readonly content: string;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface AssetLink {
  readonly kind: 'link';
  readonly target: string;
}

/** Only for directories that are empty or whose mode differs from 0755. */
export interface AssetDirectory {
  readonly kind: 'directory';
  readonly mode: number;
}

export type Asset = AssetFile | AssetLink | AssetDirectory;

/** Absolute path on the running host (below /etc or /var) to what lies there. */
export type AssetTree = ReadonlyMap<string, Asset>;

export const publicFile = (content: string, mode = 0o644): AssetFile => ({ kind: 'file', content, mode });
export const secretFile = (content: string): AssetFile => ({ kind: 'file', content, mode: 0o600 });
export const link = (target: string): AssetLink => ({ kind: 'link', target });
export const directory = (mode: number): AssetDirectory => ({ kind: 'directory', mode });

/** One tree of several; a path that two of them claim is a mistake of this room and stops. */
export function mergeTrees(...trees: readonly AssetTree[]): AssetTree {
  const merged = new Map<string, Asset>();
  for (const [path, asset] of trees.flatMap((tree) => [...tree])) {
    if (merged.has(path)) {
      throw new Failure({ code: 'lab/asset-twice', message: `two parts of the seed cluster write ${path}` });
    }
    merged.set(path, asset);
  }
  return merged;
}
