import { type DirectoryStatus, gatherStatus } from '#installer/directoryStatus.ts';
import { localFiles } from '#system/localFiles.ts';
import type { LookedAt, LookResult } from './openshiftInstallCommands.ts';
import { findOutputForm } from './outputForm.ts';

const EXIT_EXPIRED = 1;

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
    .map(([title, items]) => `${title}: ${items.join(', ')}`);
  if (certificates !== undefined) {
    const { file, validUntil, isExpired } = certificates;
    lines.push(`certificates in ${file}: ${isExpired ? 'expired since' : 'valid until'} ${validUntil}`);
  }
  return `${[...lines, `next: ${next}`].join('\n')}\n`;
}
