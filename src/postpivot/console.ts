import { dirname } from 'node:path';
import { SCREEN } from '#api/units.ts';
import type { PostPivotWorld } from './postPivot.ts';

type World = Pick<PostPivotWorld, 'host'>;

/** Tells whoever stands before the host's screen how it stands and what to do. Never holds secrets. */
export async function tellConsole({ host }: World, lines: readonly string[]): Promise<void> {
  const text = `${['', ...lines, ''].map(asIssue).join('\n')}\n`;
  if ((await host.files.readIfExists(SCREEN.file))?.toString('utf8') === text) return;
  await host.files.makeDirectory(dirname(SCREEN.file), 0o700);
  await host.files.write(SCREEN.file, text, { mode: 0o644 });
  await reload(host);
}

export async function clearConsole({ host }: World): Promise<void> {
  if (!(await host.files.exists(SCREEN.file))) return;
  await host.files.remove(SCREEN.file);
  await reload(host);
}

/** A host without getty has no screen to be told on. */
async function reload(host: World['host']): Promise<void> {
  if (await host.has('agetty')) await host.run(['agetty', '--reload'], { okCodes: [0, 1] });
}

/** getty takes a backslash for the begin of a command. Control characters could rewrite the screen. */
const asIssue = (line: string): string =>
  line.replaceAll(/[\u0000-\u001f\u007f]/g, ' ').replaceAll('\\', '\\\\');
