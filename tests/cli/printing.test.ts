import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { VERSION } from '#cli/version.ts';
import { listFiles } from './contractCase.ts';
import { recordingIo } from './recordingIo.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-printing-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = recordingIo({ cwd: root });
  const code = await openshiftInstallMain(argv, io);
  return { code, stdout: io.stdoutText(), stderr: io.stderrText() };
}

it('prints the version in three forms with the same facts', async () => {
  const text = (await run('version')).stdout;
  const json = JSON.parse((await run('version', '-o', 'json')).stdout) as Record<string, string>;
  const yaml: unknown = parse((await run('version', '--output=yaml')).stdout);
  expect(yaml).toEqual(json);
  expect(json).toHaveProperty('sower', VERSION);
  for (const value of Object.values(json)) expect(text).toContain(` ${value}\n`);
});

it('refuses another form', async () => {
  const { code, stdout, stderr } = await run('version', '-o', 'xml');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe('level=fatal msg=there is no output form "xml"\n');
});

it('writes the graph to standard output, or to a file', async () => {
  const { stdout } = await run('graph');
  expect(stdout).toContain('"configimage.ConfigImage" -> "Target Config Image";');
  expect(await run('graph', '--output-file', 'graph.dot')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await readFile(join(root, 'graph.dot'), 'utf8')).toBe(stdout);
});

it('answers completion scripts of cobra', async () => {
  expect(await run('__complete', 'completion', 'z')).toEqual({
    code: 0,
    stdout: 'zsh\tFor zsh\n:4\n',
    stderr: 'Completion ended with directive: ShellCompDirectiveNoFileComp\n',
  });
  expect((await run('__completeNoDesc', '--dir', '')).stdout).toBe(':16\n');
});

it('leaves no file in the directory, not even a log', async () => {
  for (const argv of [['version'], ['graph'], ['coreos', 'print-stream-json'], ['completion', 'bash']])
    expect((await run(...argv)).code).toBe(0);
  expect(await listFiles(root)).toEqual([]);
});

it('ends well when nobody reads to the end', async () => {
  const main = join(import.meta.dirname, '../../bin/main.ts');
  const program = spawn(process.execPath, [main, 'openshift-install', 'coreos', 'print-stream-json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.stdout.destroy();
  const stderr = text(program.stderr);
  const [code] = (await once(program, 'close')) as [number];
  expect([code, await stderr]).toEqual([0, '']);
});
