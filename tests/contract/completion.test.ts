import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { localHost } from '#system/localHost.ts';
import { recordingIo } from '../cli/recordingIo.ts';

/** The scripts in the shells they are for; the program behind them is this checkout. */
const ROOT = join(import.meta.dirname, '../..');
const CASES = [
  { typed: ['im'], offered: ['image-based'] },
  { typed: ['image-based', 'create', 'config-'], offered: ['config-template', 'config-image'] },
  { typed: ['version', '--output', 'j'], offered: ['json'] },
  { typed: ['no-such-command', ''], offered: [] },
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-completion-'));
  const program = join(folder, 'openshift-install');
  const main = [process.execPath, join(ROOT, 'bin/main.ts'), 'openshift-install'].map((word) => `'${word}'`);
  await writeFile(program, `#!/bin/sh\nexec ${main.join(' ')} "$@"\n`);
  await chmod(program, 0o755);
  await mkdir(join(folder, 'place/inside'), { recursive: true });
  for (const shell of ['bash', 'zsh', 'fish']) {
    const io = recordingIo({ cwd: folder });
    expect(await openshiftInstallMain(['completion', shell], io)).toBe(0);
    await writeFile(join(folder, `completion.${shell}`), io.stdoutText());
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in a shell without any configuration and returns the words of its output's lines. */
async function linesOf(shell: readonly string[], script: string): Promise<string[]> {
  const file = join(folder, 'script');
  await writeFile(file, script);
  const path = `${folder}:${process.env['PATH']}`;
  const { stdout } = await localHost.run([...shell, file], { cwd: folder, env: { PATH: path } });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  const offers = (line: string): Promise<string[]> =>
    linesOf(
      ['bash', '--norc'],
      `source ./completion.bash
COMP_LINE='${line}'
COMP_POINT=${line.length}
_openshift_install
printf '%s\\n' "\${COMPREPLY[@]}"
`,
    );

  it.each(CASES)('completes $typed', async ({ typed, offered }) => {
    expect(await offers(['openshift-install', ...typed].join(' '))).toEqual(offered);
  });

  it('completes the value alone after an equals sign, where bash begins a new word', async () => {
    expect(await offers('openshift-install --log-level=de')).toEqual(['debug']);
  });
});

describe('zsh', () => {
  it.each(CASES)('completes $typed', async ({ typed, offered }) => {
    const script = `compdef() { :; }
_describe() { print -l -- "\${(@P)3}"; }
source ./completion.zsh
words=(openshift-install ${typed.map((word) => `'${word}'`).join(' ')})
CURRENT=$#words
PREFIX=$words[CURRENT]
_openshift-install
`;
    const lines = await linesOf(['zsh', '-f'], script);
    expect(lines.map((line) => line.split(':')[0])).toEqual(offered);
  });
});

describe('fish', () => {
  const offers = async (line: string): Promise<string[]> => {
    const script = `source ./completion.fish\ncomplete -C '${line}'\n`;
    const lines = await linesOf(['fish', '--no-config'], script);
    return lines.map((each) => each.split('\t')[0]!);
  };

  it.each(CASES)('completes $typed', async ({ typed, offered }) => {
    expect(await offers(['openshift-install', ...typed].join(' '))).toEqual(offered);
  });

  it('completes values and directories with their flag', async () => {
    expect(await offers('openshift-install --log-level=de')).toEqual(['--log-level=debug']);
    expect(await offers('openshift-install --dir place/i')).toEqual(['place/inside/']);
    expect(await offers('openshift-install --dir=pl')).toEqual(['--dir=place/']);
  });
});
