import { type AssetSource, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import type { FileListValue } from '../fileList.ts';
import {
  isMachineConfigPath,
  isPathOfKind,
  type MachineFileKind,
  type MachineRole,
  machineFilePath,
  OPENSHIFT_FOLDER,
  userDataPath,
} from './machineFiles.ts';

/** One file for each object. */
export const filesOfKind = (kind: MachineFileKind, objects: readonly object[]): StateFileEntry[] =>
  objects.map((object, i) =>
    stateFileEntry(machineFilePath(kind, i, objects.length), renderManifest(object)),
  );

/**
 * How the machine asset of a role is read back: from its own kinds of files, and only if its pointer's Secret is there
 * (spec/installer/02.4). Every role takes the MachineConfigs of all of them, as upstream does; whoever collects the
 * files of all roles has each of them once.
 */
export const machineSource = (
  role: MachineRole,
  kinds: readonly MachineFileKind[],
): AssetSource<FileListValue> => ({
  path: `${OPENSHIFT_FOLDER}/*`,
  parse(files) {
    if (!files.some(({ path }) => path === userDataPath(role))) return undefined;
    const isWanted = [
      (path: string) => path === userDataPath(role),
      isMachineConfigPath,
      ...kinds.map((kind) => (path: string) => isPathOfKind(path, kind)),
    ];
    const found = isWanted.flatMap((is) => files.filter(({ path }) => is(path)));
    return {
      value: { FileList: found.map(({ path, content }) => stateFileEntry(path, content)) },
      warnings: [],
    };
  },
});
