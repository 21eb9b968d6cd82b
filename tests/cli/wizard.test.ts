import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Io } from '#cli/io.ts';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { recordingIo } from './recordingIo.ts';

const SECRET = '{\n  "auths": {"registry.test": {"auth": "c2VjcmV0"}}\n}\n';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-wizard-'));
  await writeFile(join(root, 'pull-secret.json'), SECRET);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function create(flags: readonly string[], more: Partial<Io> = {}) {
  const io = recordingIo({ cwd: root });
  const argv = ['create', 'install-config', '--dir', 'site', ...flags];
  const code = await openshiftInstallMain(argv, { ...io, ...more });
  return { code, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const FLAGS = [
  '--base-domain',
  'site.test',
  '--cluster-name=clone',
  '--pull-secret-file',
  'pull-secret.json',
];

const made = async (): Promise<Record<string, unknown>> =>
  parse(await readFile(join(root, 'site/install-config.yaml'), 'utf8')) as Record<string, unknown>;

it('makes an install-config of flags alone, and logs no secret', async () => {
  const flags = [...FLAGS, '--platform', 'none', '--machine-network', '192.0.2.0/24'];
  const counts = ['--control-plane-replicas', '1', '--compute-replicas', '0'];
  expect(await create([...flags, ...counts])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'level=info msg=Install-Config created in: site\n',
  });
  expect(await made()).toMatchObject({
    baseDomain: 'site.test',
    metadata: { name: 'clone' },
    networking: { machineNetwork: [{ cidr: '192.0.2.0/24' }] },
    controlPlane: { replicas: 1 },
    compute: [{ replicas: 0 }],
    pullSecret: '{"auths":{"registry.test":{"auth":"c2VjcmV0"}}}',
  });
  expect(await readFile(join(root, 'site/.openshift_install.log'), 'utf8')).not.toContain('c2VjcmV0');
  expect((await stat(join(root, 'site/install-config.yaml'))).mode & 0o007).toBe(0);
});

it('takes any field from the answers file, which flags win over', async () => {
  await writeFile(
    join(root, 'answers.yaml'),
    'platform:\n  baremetal:\n    apiVIPs: [10.0.0.5]\n    hosts:\n' +
      '    - {name: a, role: master, bootMACAddress: "52:54:00:00:00:01",' +
      ' bmc: {address: "ipmi://192.0.2.1", username: u, password: p}}\n' +
      'controlPlane: {replicas: 1}\ncompute: [{name: worker, replicas: 0, architecture: amd64}]\n' +
      'baseDomain: other.test\nfeatureSet: TechPreviewNoUpgrade\n',
  );
  expect(await create([...FLAGS, '--answers', 'answers.yaml', '--ingress-vip', '10.0.0.6'])).toMatchObject({
    code: 0,
  });
  expect(await made()).toMatchObject({
    baseDomain: 'site.test',
    featureSet: 'TechPreviewNoUpgrade',
    platform: { baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: [{ name: 'a' }] } },
  });
});

it('reads the answers or the pull secret from standard input', async () => {
  const both = await create([...FLAGS, '--answers', '-', '--pull-secret-file', '-']);
  expect(both.stderr).toContain('can not both be standard input');
  const answers = 'platform: {external: {platformName: oci}}\n';
  expect(await create([...FLAGS, '--answers', '-'], { readStdin: async () => answers })).toMatchObject({
    code: 0,
  });
  expect(await made()).toMatchObject({ platform: { external: { platformName: 'oci' } } });
});

it('asks at the terminal only for what is missing', async () => {
  const asked: string[] = [];
  const terminal: Io['terminal'] = {
    ask: async ({ message, default: otherwise = 'none' }) => {
      asked.push(message);
      return otherwise;
    },
  };
  const flags = [...FLAGS, '--control-plane-replicas', '1', '--compute-replicas', '0'];
  expect(await create(flags, { terminal })).toMatchObject({ code: 0 });
  expect(asked).toEqual(['Platform', 'Machine Network']);
});

it('offers the public keys of the home directory', async () => {
  const home = join(root, 'home');
  const choices: unknown[] = [];
  const terminal: Io['terminal'] = {
    ask: async (question) => {
      choices.push(...(question.choices ?? []));
      throw new Error('enough');
    },
  };
  await writeFileIn(join(home, '.ssh'), 'id.pub', ED25519);
  await writeFileIn(join(home, '.ssh'), 'note.pub', 'no key');
  await create([], { terminal, env: { HOME: home } });
  expect(choices).toMatchObject([{ value: ED25519, name: join(home, '.ssh/id.pub') }, { value: '' }]);
});

const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFreJDaT8QSL4atRC/gZJczO0VUsFdH++OXoZXfXo/eG golden@example';

async function writeFileIn(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
}

it('without a terminal ends where the original does, and names the flag', async () => {
  const { code, stderr } = await create([]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^level=fatal msg=failed to fetch Install Config: failed to fetch dependency of "Install Config": failed to fetch dependency of "Base Domain": failed to generate asset "Platform": .*--platform/,
  );
});

it('refuses answers that nothing would look at', async () => {
  expect((await create([...FLAGS, '--platform', 'none'])).code).toBe(0);
  const again = await create(['--platform', 'external']);
  expect(again.stderr).toContain('--platform: the directory has an install-config already');
  await rm(join(root, 'site/install-config.yaml'));
  expect((await create(['--platform', 'external'])).stderr).toContain('in its state file');
  expect((await create([])).code).toBe(0); // from the state
  expect(await made()).toMatchObject({ platform: { none: {} } });
});

it.each([
  ['answers with a wrong field', 'platfrom: {none: {}}', [], 'answers.yaml:1:1: platfrom: unknown field'],
  [
    'a file that is not there',
    '',
    ['--ssh-key-file', 'gone.pub'],
    "the file of a flag can't be read: gone.pub",
  ],
  ['a count that is none', '', ['--control-plane-replicas', 'many'], 'expected a whole number'],
  ['virtual IPs without bare metal', 'platform: {none: {}}', ['--api-vip', '10.0.0.5'], 'baremetal only'],
])('refuses %s', async (_, answers, flags, says) => {
  await writeFile(join(root, 'answers.yaml'), answers);
  const { code, stderr } = await create(['--answers', 'answers.yaml', ...flags]);
  expect(code).toBe(1);
  expect(stderr).toContain(says);
});
