import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';

const MAIN = join(import.meta.dirname, '../../bin/main.ts');
const PULL_SECRET = '{\n "auths": {"registry.test": {"auth": "c2VjcmV0"}}\n}';

let root: string;
let program: ChildProcessWithoutNullStreams;
let shown: string;

/** The program at a real terminal, which script(1) makes. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-terminal-'));
  const line = `${process.execPath} ${MAIN} openshift-install create install-config --dir ${root}/site`;
  program = spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, HOME: root } });
  shown = '';
  program.stdout.on('data', (chunk: Buffer) => {
    shown += stripVTControlCharacters(chunk.toString());
  });
});

afterEach(async () => {
  program.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

/** Types when the question is there. */
async function answer(question: string, keys: string): Promise<void> {
  while (!shown.includes(question)) await once(program.stdout, 'data');
  shown = shown.slice(shown.indexOf(question) + question.length);
  program.stdin.write(keys);
}

it('makes an install-config with a person at a terminal', async () => {
  let everything = '';
  program.stdout.on('data', (chunk: Buffer) => {
    everything += chunk.toString();
  });
  const closed = once(program, 'close');
  await answer('1. none', '2\r');
  await answer('Base Domain', 'site.test\r');
  await answer('Cluster Name', 'Bad\r');
  await answer('Invalid value', '\u0015clone\r');
  await answer('Pull Secret', `\u001b[200~${PULL_SECRET}\u001b[201~\r`);
  await answer('Machine Network', '192.0.2.0/24\r');
  await answer('Control plane nodes', '1\r');
  await answer('Worker nodes', '\r');
  expect(await closed).toEqual([0, null]);
  expect(everything).toContain('Install-Config created in:');
  expect(everything).not.toContain('c2VjcmV0');
  expect(parse(await readFile(join(root, 'site/install-config.yaml'), 'utf8'))).toMatchObject({
    platform: { external: {} },
    metadata: { name: 'clone' },
    networking: { machineNetwork: [{ cidr: '192.0.2.0/24' }] },
    controlPlane: { replicas: 1 },
    compute: [{ replicas: 0 }],
    pullSecret: '{"auths":{"registry.test":{"auth":"c2VjcmV0"}}}',
  });
});

it('writes nothing but the log when it is interrupted', async () => {
  const closed = once(program, 'close');
  await answer('1. none', '\r');
  await answer('Base Domain', '\u0003');
  expect(await closed).toEqual([1, null]);
  expect(shown).toContain('failed UserInput: interrupt');
  expect(await readdir(join(root, 'site'))).toEqual(['.openshift_install.log']);
});
