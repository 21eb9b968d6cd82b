import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { acquireLock } from '#system/directoryLock.ts';
import { listFiles, readContract, writeTree } from './contractCase.ts';
import { recordingIo } from './recordingIo.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-looking-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = recordingIo({ cwd: root });
  const code = await openshiftInstallMain(argv, io);
  return { code, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const CONFIG_IMAGE = ['image-based', 'create', 'config-image'];
const inputs = async () => (await readContract('ibi-config-image-min')).in;

describe('validate', () => {
  it('says that all is well, and writes nothing', async () => {
    await writeTree(root, await inputs());
    const before = await listFiles(root);
    expect(await run('validate')).toEqual({
      code: 0,
      stdout: 'no problem in install-config.yaml, image-based-config.yaml\n',
      stderr: '',
    });
    expect(await listFiles(root)).toEqual(before);
  });

  it('exits 3 with every problem and its place, as text and as JSON', async () => {
    await writeTree(root, { 'install-config.yaml': 'apiVersion: v1\npublish: x\nbogus: 1\n' });
    const text = await run('validate');
    expect([text.code, text.stderr]).toEqual([3, '']);
    expect(text.stdout).toContain('install-config.yaml:3:1: bogus: unknown field\n');
    expect(text.stdout).toContain('install-config.yaml:2:1: publish: Unsupported value');
    const json = await run('validate', '--output', 'json');
    const report = JSON.parse(json.stdout) as { valid: boolean; problems: object[] };
    expect([json.code, report.valid]).toEqual([3, false]);
    expect(report.problems).toContainEqual({
      file: 'install-config.yaml',
      path: 'bogus',
      severity: 'error',
      message: 'unknown field',
      position: { line: 3, column: 1 },
    });
    expect(text.stdout.trimEnd().split('\n')).toHaveLength(report.problems.length + 1);
  });

  it('refuses another form, and a directory without inputs', async () => {
    expect(await run('validate', '-o', 'xml')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('validate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no input files'),
    });
  });
});

describe('status', () => {
  it('goes with a directory from its inputs to its outputs, and writes nothing', async () => {
    await writeTree(root, await inputs());
    expect((await run('status')).stdout).toContain('next: "image-based create config-image"');
    expect((await run(...CONFIG_IMAGE)).code).toBe(0);
    const before = await listFiles(root);
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^made: Config-Image \(20.*Z\)$/m);
    expect(stdout).toMatch(
      /^consumed, kept in the state file: image-based-config.yaml, install-config.yaml$/m,
    );
    expect(stdout).toMatch(/^certificates in \.openshift_install_state\.json: valid until 20\d\d-/m);
    expect(stdout).toContain('next: attach imagebasedconfig.iso');
    expect(JSON.parse((await run('status', '-o', 'json')).stdout)).toMatchObject({
      made: [{ target: 'Config-Image' }],
      certificates: { isExpired: false },
    });
    expect(await listFiles(root)).toEqual(before);
  });

  it('tells the files of a folder as their number where they are many, and lists them as JSON', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `manifests/${name}.yaml`);
    await writeTree(root, Object.fromEntries([...names, 'openshift/f.yaml'].map((path) => [path, 'a: 1'])));
    expect((await run('status')).stdout).toContain('inputs: manifests/ (5 files), openshift/f.yaml\n');
    expect(JSON.parse((await run('status', '-o', 'json')).stdout)).toMatchObject({
      inputs: [...names, 'openshift/f.yaml'],
    });
  });
});

describe('two runs in one directory', () => {
  it('do not work at the same time; reading commands do not wait', async () => {
    await writeTree(root, await inputs());
    const path = join(root, '.openshift_install.lock');
    const lock = await acquireLock({ path, subject: root, now: new Date('2031-02-03T04:05:06Z') });
    const second = await run(...CONFIG_IMAGE);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `level=fatal msg=${root} is in use by another run, process ${process.pid} of `,
    );
    expect(second.stderr).toContain('since 2031-02-03T04:05:06.000Z');
    expect((await run('validate')).code).toBe(0);
    expect((await run('status')).code).toBe(0);
    await lock.release();
    expect((await run(...CONFIG_IMAGE)).code).toBe(0);
    expect((await listFiles(root)).filter((name) => name.includes('lock'))).toEqual([]);
  });

  it('leave no lock after a failure', async () => {
    await writeTree(root, { 'install-config.yaml': '{' });
    expect((await run(...CONFIG_IMAGE)).code).not.toBe(0);
    expect((await listFiles(root)).filter((name) => name.includes('lock'))).toEqual([]);
  });
});

describe('--keep', () => {
  it('leaves the inputs where they are', async () => {
    const files = await inputs();
    await writeTree(root, files);
    const { code, stderr } = await run(...CONFIG_IMAGE, '--keep');
    expect(code).toBe(0);
    expect(stderr).not.toContain('Consum');
    for (const [path, content] of Object.entries(files))
      expect(await readFile(join(root, path), 'utf8')).toBe(content);
  });
});

describe('unknown fields', () => {
  it.each([
    ['--allow-unknown-fields', {}],
    ['an invoker', { OPENSHIFT_INSTALL_INVOKER: 'test' }],
  ])('are told in the words of older installers with %s', async (flag, env) => {
    const contract = await readContract('ibi-config-image-unknown-ic-field');
    await writeTree(root, contract.in);
    const io = { ...recordingIo({ cwd: root }), env };
    const flags = flag.startsWith('--') ? [flag] : [];
    expect(await openshiftInstallMain([...CONFIG_IMAGE, ...flags], io)).toBe(0);
    const ours = io
      .stderrText()
      .split('\n')
      .filter((line) => line !== '' && !line.includes('are kept in'));
    expect(ours.toSorted()).toEqual(contract.steps['run']!.stderr.toSorted());
  });
});
