import type { PostPivotWorld } from './postPivot.ts';

/** getty shows what lies in this directory above its prompt; /etc/issue.d would outlive the boot it is about. */
const ISSUES = '/run/issue.d';
const ISSUE = `${ISSUES}/70_lca-post-pivot.issue`;

type World = Pick<PostPivotWorld, 'host'>;

/** Tells whoever stands before the host's screen how it stands and what to do. Never holds secrets. */
export async function tellConsole({ host }: World, lines: readonly string[]): Promise<void> {
  const text = `${['', ...lines, ''].map(asIssue).join('\n')}\n`;
  if ((await host.files.readIfExists(ISSUE))?.toString('utf8') === text) return;
  await host.files.makeDirectory(ISSUES);
  await host.files.write(ISSUE, text, { mode: 0o644 });
  await reload(host);
}

export async function clearConsole({ host }: World): Promise<void> {
  if (!(await host.files.exists(ISSUE))) return;
  await host.files.remove(ISSUE);
  await reload(host);
}

/** A host without getty has no screen to be told on. */
async function reload(host: World['host']): Promise<void> {
  if (await host.has('agetty')) await host.run(['agetty', '--reload'], { okCodes: [0, 1] });
}

/** getty takes a backslash for the begin of a command. Control characters could rewrite the screen. */
const asIssue = (line: string): string =>
  line.replaceAll(/[\u0000-\u001f\u007f]/g, ' ').replaceAll('\\', '\\\\');
