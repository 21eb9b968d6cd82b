import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { localHost } from '#system/localHost.ts';
import { listFiles, readContract, writeTree } from '../cli/contractCase.ts';
import { type RecordingIo, recordingIo } from '../cli/recordingIo.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-ordinary-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

interface Run extends Partial<Pick<RecordingIo, 'env' | 'now'>> {
  /** Default 0. */
  readonly code?: number;
}

/** What the command says on stderr. */
async function create(target: string, { code = 0, ...given }: Run = {}): Promise<string> {
  const io = { ...recordingIo({ cwd: root }), ...given };
  const rc = await openshiftInstallMain([...target.split(' ')], io);
  expect([rc, io.stderrText()]).toEqual([code, expect.anything()]);
  return io.stderrText();
}

const inputOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
  (await readContract(name)).in;

/** Takes a value out of the state, so that it is made again of the others. */
async function forget(key: string): Promise<void> {
  const path = join(root, '.openshift_install_state.json');
  const { [key]: _, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<string, unknown>>;
  await writeFile(path, JSON.stringify(rest));
}

interface Ignition {
  readonly passwd: { readonly users: readonly { readonly sshAuthorizedKeys: readonly string[] }[] };
  readonly storage: {
    readonly files: readonly { readonly path: string; readonly contents?: { readonly source: string } }[];
  };
}
const readIgnition = async (name: string): Promise<Ignition> =>
  JSON.parse(await readFile(join(root, name), 'utf8')) as Ignition;

/** Content by path, of the files that replace others. */
const contentsOf = ({ storage }: Ignition): ReadonlyMap<string, string> =>
  new Map(
    storage.files.map(({ path, contents }) => [
      path,
      Buffer.from(contents?.source.split(',')[1] ?? '', 'base64').toString(),
    ]),
  );

describe('Ignition configs', () => {
  it.each([
    ['none-sno', 'ignition-configs'],
    ['none-sno-min', 'ignition-configs'],
    ['none-ha', 'ignition-configs'],
    ['external-sno', 'ignition-configs'],
    ['baremetal-ha', 'ignition-configs'],
    ['none-sno-bip', 'single-node-ignition-config'],
  ])('of %s are accepted by ignition-validate (%s)', async (name, target) => {
    await writeTree(root, await inputOf(name));
    await create(`create ${target}`);
    const configs = (await listFiles(root)).filter((path) => path.endsWith('.ign'));
    expect(configs.length).toBe(target === 'ignition-configs' ? 3 : 2);
    for (const config of configs) {
      const { stdout, stderr } = await localHost.run(['ignition-validate', join(root, config)]);
      expect(`${stdout}${stderr}`).toBe('');
    }
  });

  it('carry the manifests that were made before, with what was edited in them', async () => {
    await writeTree(root, await inputOf('none-sno'));
    await create('create manifests');
    await writeTree(root, {
      'openshift/99_extra.yaml':
        'apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata:\n  name: 99-extra\n',
    });
    await appendFile(join(root, 'manifests/cluster-ingress-02-config.yml'), '# edited\n');
    const paths = (await listFiles(root)).filter((path) => /^(manifests|openshift)\//.test(path));
    const made = await Promise.all(
      paths.map(
        async (path) => [`/opt/openshift/${path}`, await readFile(join(root, path), 'utf8')] as const,
      ),
    );
    await create('create ignition-configs');
    const contents = contentsOf(await readIgnition('bootstrap.ign'));
    const changed = made.filter(([path, text]) => contents.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual(['/opt/openshift/manifests/cvo-overrides.yaml']);
    expect((await listFiles(root)).filter((path) => /^(manifests|openshift)\//.test(path))).toEqual([]);
  });

  it.each(['none-sno', 'baremetal-ha'])('are the same when they are made again (%s)', async (name) => {
    await writeTree(root, await inputOf(name));
    await create('create ignition-configs');
    const first = await readFile(join(root, 'bootstrap.ign'), 'utf8');
    await rm(join(root, 'bootstrap.ign'));
    await forget('*bootstrap.Bootstrap');
    await create('create ignition-configs');
    expect(await readFile(join(root, 'bootstrap.ign'), 'utf8')).toBe(first);
  });

  it('keep what a person adds to a pointer config for later machines', async () => {
    await writeTree(root, await inputOf('none-sno'));
    await create('create ignition-configs');
    const pointer = await readIgnition('worker.ign');
    const edited = { ...pointer, systemd: { units: [{ name: 'x.service', enabled: true }] } };
    await writeFile(join(root, 'worker.ign'), JSON.stringify(edited));
    await rm(join(root, 'bootstrap.ign'));
    expect(await create('create ignition-configs')).toContain(
      'Worker pointer ignition was modified. Saving contents to a machineconfig',
    );
    const path = '/opt/openshift/openshift/99_openshift-installer-ignition_worker.yaml';
    expect(contentsOf(await readIgnition('bootstrap.ign')).get(path)).toContain('x.service');
    expect(await readIgnition('worker.ign')).toEqual(edited);
  });

  it('let in the user and whoever gathers logs', async () => {
    await writeTree(root, await inputOf('none-sno'));
    await create('create ignition-configs');
    const [core] = (await readIgnition('bootstrap.ign')).passwd.users;
    expect(core?.sshAuthorizedKeys).toEqual([
      expect.stringMatching(/^ssh-ed25519 \S+ golden@example$/),
      expect.stringMatching(/^ssh-rsa [A-Za-z0-9+/=]+$/),
    ]);
  });

  it('tell the machine of the proxy, of mirrors and of the release image', async () => {
    const input = (await inputOf('none-sno'))['install-config.yaml'];
    const proxy = 'proxy:\n  httpProxy: http://proxy.example.com:3128\n  noProxy: .corp.example.com\n';
    const mirrors =
      'imageDigestSources:\n- source: quay.io/release\n  mirrors:\n  - mirror.example.com/release\n';
    await writeTree(root, { 'install-config.yaml': `${input}${proxy}${mirrors}` });
    const image =
      'quay.io/release/ocp@sha256:0123456789012345678901234567890123456789012345678901234567890123';
    await create('create ignition-configs', { env: { OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE: image } });
    const contents = contentsOf(await readIgnition('bootstrap.ign'));
    expect(contents.get('/etc/profile.d/proxy.sh')).toContain('http://proxy.example.com:3128');
    const noProxy = /NO_PROXY='?([^'\n]*)/
      .exec(contents.get('/etc/profile.d/proxy.sh') ?? '')?.[1]
      ?.split(',');
    expect(noProxy).toEqual(
      expect.arrayContaining(['.corp.example.com', '172.30.0.0/16', 'api-int.sno.example.com', 'localhost']),
    );
    expect(contents.get('/etc/containers/registries.conf')).toContain(
      'location = "mirror.example.com/release"',
    );
    expect(contents.get('/usr/local/bin/release-image.sh')).toContain(image);
  });

  it('tell kubelet the address that it is given, and say that another text is none', async () => {
    await writeTree(root, await inputOf('none-sno'));
    const NAME = 'OPENSHIFT_INSTALL_BOOTSTRAP_NODE_IP';
    await create('create ignition-configs', { env: { [NAME]: '192.168.111.9' } });
    const kubelet = contentsOf(await readIgnition('bootstrap.ign')).get('/usr/local/bin/kubelet.sh');
    expect(kubelet).toContain('--node-ip=192.168.111.9');
    await rm(join(root, '.openshift_install_state.json'));
    await rm(join(root, 'bootstrap.ign'));
    await writeTree(root, await inputOf('none-sno'));
    expect(await create('create ignition-configs', { env: { [NAME]: 'here' } })).toContain(
      `${NAME} must have valid ip address, given here. Skipping it`,
    );
  });

  it('are refused when their certificates have expired, and nothing is changed', async () => {
    await writeTree(root, await inputOf('none-sno'));
    await create('create ignition-configs');
    const before = await treeOf();
    const later = new Date(Date.now() + 25 * 3_600_000);
    const said = await create('create ignition-configs', { now: () => later, code: 1 });
    const expired = said.split('\n').filter((line) => /certificate \S+\.crt expired at/i.test(line));
    expect(expired.length).toBeGreaterThan(0);
    expect(expired[0]).toMatch(
      /^level=error msg=Bootstrap Ignition-Config Certificate \S+\.crt expired at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.$/,
    );
    expect(said).toContain('Please regenerate ignition configuration files in a new directory.');
    expect(said).toContain(
      `failed to fetch Bootstrap Ignition Config: failed to load asset "Bootstrap Ignition Config": ${expired.length} certificates expired`,
    );
    expect(await treeOf()).toEqual(before);
  });

  it('are refused without a quotation when they are no JSON', async () => {
    await writeTree(root, { ...(await inputOf('none-sno-bip')), 'bootstrap.ign': '{"hunter2' });
    const said = await create('create ignition-configs', { code: 1 });
    expect(said).toContain('failed to unmarshal bootstrap.ign: it is no Ignition config');
    expect(said).toContain('bootstrap.ign:1:2: is not valid JSON');
    expect(said).not.toContain('hunter2');
  });
});

it('a file that stands where a folder is to be is told before anything is written', async () => {
  await writeTree(root, { ...(await inputOf('none-sno')), manifests: 'mine' });
  const before = await treeOf();
  expect(await create('create manifests', { code: 1 })).toContain(
    `${join(root, 'manifests')} is not a directory`,
  );
  expect(await treeOf()).toEqual(before);
});

describe('a bootstrap in place', () => {
  it('needs its disk', async () => {
    await writeTree(root, await inputOf('none-sno'));
    const before = await treeOf();
    expect(await create('create single-node-ignition-config', { code: 1 })).toContain(
      'failed to fetch Single node bootstrap In Place Ignition Config: failed to generate asset "Single node bootstrap In Place Ignition Config": bootstrapInPlace: Required value: bootstrapInPlace is required when creating a single node bootstrap-in-place ignition',
    );
    expect(await treeOf()).toEqual(before);
  });
});

describe('create cluster', () => {
  it.each([
    ['none-sno', 'cannot create the cluster because "none" is a UPI platform'],
    ['external-sno', 'cannot create the cluster because "external" is a UPI platform'],
  ])('of %s is refused before anything is consumed or written', async (name, reason) => {
    await writeTree(root, await inputOf(name));
    const before = await treeOf();
    expect(await create('create cluster', { code: 1 })).toContain(
      `level=fatal msg=failed to fetch Cluster Infrastructure Variables: failed to generate asset "Cluster Infrastructure Variables": ${reason}`,
    );
    expect(await treeOf()).toEqual(before);
  });

  it('on bare metal names hosts that could not be provisioned, and changes nothing', async () => {
    await writeTree(root, await inputOf('baremetal-ha'));
    const before = await treeOf();
    const said = await create('create cluster', { code: 1 });
    expect(said).toContain(
      'generate asset "Platform Provisioning Check": [platform.baremetal.hosts[1].bmc: ',
    );
    expect(said).toContain('driver ipmi requires provisioning network');
    expect(await treeOf()).toEqual(before);
  });

  it('needs the machine API', async () => {
    const input = (await inputOf('none-ha'))['install-config.yaml'];
    await writeTree(root, {
      'install-config.yaml': `${input}capabilities:\n  baselineCapabilitySet: None\n  additionalEnabledCapabilities: [Ingress]\n`,
    });
    expect(await create('create cluster', { code: 1 })).toContain(
      'failed to fetch dependency of "Cluster Infrastructure Variables": failed to generate asset "Platform Provisioning Check": IPI requires MachineAPI capability',
    );
  });
});

describe('destroy cluster', () => {
  it('says that there is nothing to destroy where the installer made no machines', async () => {
    await writeTree(root, await inputOf('none-sno'));
    await create('create ignition-configs');
    const before = await treeOf();
    expect(await create('destroy cluster', { code: 1 })).toContain(
      'level=fatal msg=failed while preparing to destroy cluster: no platform configured in metadata',
    );
    expect(await treeOf()).toEqual(before);
  });

  it('says that there is no metadata', async () => {
    expect(await create('destroy bootstrap', { code: 1 })).toContain(
      'level=fatal msg=open metadata.json: no such file or directory',
    );
  });
});

it('keeps no secret in the log', async () => {
  await writeTree(root, await inputOf('baremetal-ha'));
  await create('create manifests --log-level debug');
  await create('create ignition-configs --log-level debug');
  const log = await readFile(join(root, '.openshift_install.log'), 'utf8');
  const password = await readFile(join(root, 'auth/kubeadmin-password'), 'utf8');
  for (const secret of [password, 'dXNlcjpwYXNz', 'PRIVATE KEY', 'calvin', 'pass0']) {
    expect(log).not.toContain(secret);
  }
});

/** All files but the log, which tells of refusals, and their contents. */
async function treeOf(): Promise<Record<string, string>> {
  const paths = (await listFiles(root)).filter((path) => path !== '.openshift_install.log');
  const entries = paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}
