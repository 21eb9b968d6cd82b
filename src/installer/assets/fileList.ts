import { type AssetFile, assetFilesOf, type StateFileEntry } from '../asset.ts';

/** The value of an asset that is several files, in the order in which they are written. */
export interface FileListValue {
  readonly FileList: readonly StateFileEntry[];
}

export const fileListFiles = ({ FileList }: FileListValue): AssetFile[] => assetFilesOf(FileList);
