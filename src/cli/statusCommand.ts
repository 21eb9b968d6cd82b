import { type DirectoryStatus, gatherStatus } from '#installer/directoryStatus.ts';
import { localFiles } from '#system/localFiles.ts';
import type { LookedAt, LookResult } from './installerCommand.ts';
import { findOutputForm } from './outputForm.ts';

const EXIT_EXPIRED = 1;
const WIDTH = 100;
/** So many files of one folder are told by name. */
const FEW = 4;

/** What the directory holds and what comes next, as lines or as one JSON document. @throws Failure */
export async function statusCommand({ root, flags, io }: LookedAt): Promise<LookResult> {
  const form = findOutputForm(flags['output'], ['text', 'json']);
  const status = await gatherStatus(root, localFiles, io.now());
  const text = form === 'json' ? `${JSON.stringify(status, undefined, 2)}\n` : renderStatus(status);
  return { text, code: status.certificates?.isExpired === true ? EXIT_EXPIRED : 0 };
}

function renderStatus({ made, inputs, consumed, outputs, certificates, next }: DirectoryStatus): string {
  const lists: readonly (readonly [title: string, items: readonly string[]])[] = [
    ['made', made.map(({ target, at }) => `${target} (${at})`)],
    ['inputs', inputs],
    ['consumed, kept in the state file', consumed],
    ['outputs', outputs],
  ];
  const lines = lists
    .filter(([, items]) => items.length > 0)
    .flatMap(([title, items]) => renderList(title, foldFolders(items)));
  if (certificates !== undefined) {
    const { file, validUntil, isExpired } = certificates;
    lines.push(`certificates in ${file}: ${isExpired ? 'expired since' : 'valid until'} ${validUntil}`);
  }
  return `${[...lines, `next: ${next}`].join('\n')}\n`;
}

/** The files of a folder that has many are told as their number. */
function foldFolders(paths: readonly string[]): string[] {
  const folders = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1));
  const lines = paths.map((path, i) => {
    const count = folders.filter((folder) => folder === folders[i]).length;
    return folders[i] === '' || count <= FEW ? path : `${folders[i]} (${count} files)`;
  });
  return [...new Set(lines)];
}

/** On one line, or on one each where that would be long. */
function renderList(title: string, items: readonly string[]): string[] {
  const line = `${title}: ${items.join(', ')}`;
  return line.length <= WIDTH ? [line] : [`${title}:`, ...items.map((item) => `  ${item}`)];
}
