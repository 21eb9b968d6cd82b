import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseSeedReconfiguration, type SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { scanPem } from '#formats/pem.ts';
import { localHost } from '#system/localHost.ts';
import { subjectOf } from './certificateFacts.ts';
import { type ContractCase, listFiles, readContract, writeTree } from './contractCase.ts';
import { recordingIo } from './recordingIo.ts';

const CONFIG_IMAGE = ['image-based', 'create', 'config-image'];
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-installer-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('a config image', () => {
  it('carries the signers of the kubeconfig that it is delivered with', async () => {
    const { document, kubeconfig } = await createFrom(await readContract('ibi-config-image-min'));
    const cas = certificatesOf(kubeconfig.clusters[0].cluster['certificate-authority-data']);
    const { KubeAPICrypto, IngresssCrypto } = document.KubeconfigCryptoRetention;
    expect(cas.map((ca) => subjectOf(ca.raw))).toEqual([
      'CN=kube-apiserver-localhost-signer,OU=openshift',
      'CN=kube-apiserver-service-network-signer,OU=openshift',
      'CN=kube-apiserver-lb-signer,OU=openshift',
      `CN=${IngresssCrypto.ingress_certificate_cn}`,
    ]);
    const keys = [
      KubeAPICrypto.ServingCrypto.localhost_signer_private_key,
      KubeAPICrypto.ServingCrypto.service_network_signer_private_key,
      KubeAPICrypto.ServingCrypto.loadbalancer_external_signer_private_key,
      IngresssCrypto.ingress_ca,
    ];
    for (const [i, key] of keys.entries()) expect(cas[i]!.checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  it('has a client certificate that openssl verifies against the signer in the ISO', async () => {
    const { document, kubeconfig } = await createFrom(await readContract('ibi-config-image-min'));
    const client = Buffer.from(kubeconfig.users[0].user['client-certificate-data'], 'base64');
    const signer = document.KubeconfigCryptoRetention.KubeAPICrypto.ClientAuthCrypto.admin_ca_certificate;
    await writeFile(join(root, 'client.crt'), client);
    await writeFile(join(root, 'signer.crt'), signer);
    await localHost.run([
      'openssl',
      'verify',
      '-purpose',
      'sslclient',
      '-CAfile',
      join(root, 'signer.crt'),
      join(root, 'client.crt'),
    ]);
    const { stdout } = await localHost.run([
      'openssl',
      'x509',
      '-in',
      join(root, 'client.crt'),
      '-noout',
      '-text',
    ]);
    expect(stdout).toContain('Subject: O = system:masters, CN = system:admin');
    expect(stdout).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(stdout).toMatch(
      /Extended Key Usage:\s+TLS Web Server Authentication, TLS Web Client Authentication\n/,
    );
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:FALSE\n/);
    expect(stdout).toContain('X509v3 Subject Key Identifier');
    expect(stdout).toContain('X509v3 Authority Key Identifier');
    const key = createPrivateKey(Buffer.from(kubeconfig.users[0].user['client-key-data'], 'base64'));
    expect(createPublicKey(key).equals(new X509Certificate(client).publicKey)).toBe(true);
  });

  it('hands out the password whose hash is in the ISO', async () => {
    const { document } = await createFrom(await readContract('ibi-config-image-min'));
    const password = await readFile(join(root, 'auth/kubeadmin-password'), 'utf8');
    expect(password).toMatch(/^[a-km-zA-NP-Z2-9]{5}(-[a-km-zA-NP-Z2-9]{5}){3}$/);
    expect(await bcrypt.compare(password, document.kubeadmin_password_hash)).toBe(true);
  });

  it('is made again from the state alone, with the same identity', async () => {
    const first = await createFrom(await readContract('ibi-config-image-full'));
    await rm(join(root, 'imagebasedconfig.iso'));
    await rm(join(root, 'auth'), { recursive: true });
    const second = await create();
    expect(second).toEqual(first);
  });

  it('keeps no secret in the log', async () => {
    const { document } = await createFrom(await readContract('ibi-config-image-full'));
    const log = await readFile(join(root, '.openshift_install.log'), 'utf8');
    const password = await readFile(join(root, 'auth/kubeadmin-password'), 'utf8');
    for (const secret of [password, document.pull_secret, 'PRIVATE KEY', document.kubeadmin_password_hash]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('a refusal', () => {
  const edits: readonly {
    readonly name: string;
    readonly edit: Edit;
    readonly code: number;
    readonly says: string;
  }[] = [
    {
      name: 'a misspelled field',
      edit: replace('install-config.yaml', 'networking:', 'netwroking:'),
      code: 3,
      says: 'netwroking: unknown field, did you mean "networking"? (line 11, column 1)',
    },
    {
      name: 'broken YAML',
      edit: replace('install-config.yaml', 'metadata:', 'metadata: ['),
      code: 3,
      says: '(line ',
    },
    {
      name: 'a wrong version',
      edit: replace('install-config.yaml', 'apiVersion: v1', 'apiVersion: v9'),
      code: 1,
      says: 'apiVersion: Invalid value: "v9": cannot upconvert from version v9',
    },
    {
      name: 'three control planes and a worker',
      edit: replace('install-config.yaml', 'replicas: 1', 'replicas: 3'),
      code: 1,
      says: 'total number of ControlPlane.Replicas must be 1. Found 3',
    },
    {
      name: 'a pull secret that is none',
      edit: replace('install-config.yaml', /pullSecret: .*/, 'pullSecret: \'{"hunter2":1}\''),
      code: 1,
      says: 'pullSecret: Invalid value: "<redacted>": auths required',
    },
    {
      name: 'an unknown field of the image-based config',
      edit: replace('image-based-config.yaml', 'metadata:', 'hostnam: x\nmetadata:'),
      code: 1,
      says: 'hostnam: unknown field, did you mean "hostname"?',
    },
    {
      name: 'no image-based config',
      edit: ({ 'image-based-config.yaml': _, ...rest }) => rest,
      code: 1,
      says: 'missing configuration or manifest file',
    },
    { name: 'no input at all', edit: () => ({}), code: 1, says: 'missing install-config.yaml' },
    {
      name: 'a state of another program',
      edit: (files) => ({ ...files, '.openshift_install_state.json': '{"*installconfig.ClusterID": {}}' }),
      code: 1,
      says: 'was made by another program',
    },
    {
      name: 'an extra manifest that is no YAML',
      edit: (files) => ({ ...files, 'extra-manifests/a.yaml': 'a: [' }),
      code: 1,
      says: 'invalid extra manifest extra-manifests/a.yaml',
    },
  ];

  it.each(edits)('of $name changes no file and leaks nothing', async ({ edit, code, says }) => {
    const files = edit((await readContract('ibi-config-image-min')).in);
    await writeTree(root, files);
    const io = recordingIo({ cwd: root });
    expect(await openshiftInstallMain(CONFIG_IMAGE, io)).toBe(code);
    expect(io.stderrText()).toContain(says);
    expect(io.stderrText()).not.toContain('hunter2');
    expect(await contentsOf(root)).toEqual(files);
  });

  it('tells the problems of all files at once, with their places', async () => {
    const contract = await readContract('ibi-config-image-min');
    const broken = replace(
      'install-config.yaml',
      'baseDomain: example.com',
      'baseDomain: Example.com',
    )(replace('image-based-config.yaml', 'metadata:', 'hostname: localhost\nmetadata:')(contract.in));
    await writeTree(root, broken);
    const io = recordingIo({ cwd: root, isTTY: true });
    expect(await openshiftInstallMain(CONFIG_IMAGE, io)).toBe(1);
    expect(io.stderrText()).toContain('install-config.yaml:2:1: baseDomain: Invalid value: "Example.com"');
    expect(io.stderrText()).toContain('image-based-config.yaml:3:1: hostname: Invalid value: "localhost"');
  });
});

describe('commands', () => {
  it.each([
    [['agent', 'create', 'image'], 1, '"agent create image" is not part of this release of Sower'],
    [
      ['bogus'],
      1,
      'Error executing openshift-install: unknown command \\"bogus\\" for \\"openshift-install\\"',
    ],
    [['--bogus'], 1, 'unknown flag: --bogus'],
    [[...CONFIG_IMAGE, '--log-level', 'nope'], 1, 'invalid log-level: not a valid logrus Level: "nope"'],
  ] as const)('%j exits %d', async (argv, code, says) => {
    const io = recordingIo({ cwd: root });
    expect(await openshiftInstallMain(argv, io)).toBe(code);
    expect(io.stderrText()).toContain(says);
    expect(await listFiles(root)).toEqual([]);
  });

  it('shows help of a group on stdout', async () => {
    const io = recordingIo({ cwd: root });
    expect(await openshiftInstallMain(['image-based', 'create'], io)).toBe(0);
    expect(io.stdoutText()).toContain('config-image');
    expect(io.stderrText()).toBe('');
  });

  it('writes the log as JSON on request, problems with their positions included', async () => {
    await writeTree(root, { 'install-config.yaml': 'apiVersion: v1\nbogus: 1\n' });
    const io = recordingIo({ cwd: root });
    await openshiftInstallMain(['--log-format', 'json', ...CONFIG_IMAGE], io);
    const last = JSON.parse(io.stderrText().trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(last['code']).toBe('installer/input-invalid');
    expect(last['problems']).toContainEqual(
      expect.objectContaining({
        path: 'bogus',
        position: { line: 2, column: 1 },
        file: 'install-config.yaml',
      }),
    );
  });
});

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly 'certificate-authority-data': string; readonly server: string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

interface Created {
  readonly document: SeedReconfiguration;
  readonly kubeconfig: Kubeconfig;
}

async function createFrom(contract: ContractCase): Promise<Created> {
  await writeTree(root, contract.in);
  return create();
}

async function create(): Promise<Created> {
  const io = recordingIo({ cwd: root });
  expect(await openshiftInstallMain(CONFIG_IMAGE, io)).toBe(0);
  const bytes = await readFile(join(root, 'imagebasedconfig.iso'));
  const source = { read: async (offset: number, length: number) => bytes.subarray(offset, offset + length) };
  const { volumeId, entries } = await readIso(source);
  expect(volumeId).toBe('cluster-config');
  const manifest = entries.find(({ path }) => path === 'cluster-configuration/manifest.json')!;
  const parsed = parseSeedReconfiguration((await readIsoFile(source, manifest)).toString());
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.report));
  expect(parsed.report).toEqual([]);
  const kubeconfig = parse(await readFile(join(root, 'auth/kubeconfig'), 'utf8')) as Kubeconfig;
  return { document: parsed.value, kubeconfig };
}

const certificatesOf = (base64: string): X509Certificate[] =>
  scanPem(Buffer.from(base64, 'base64')).blocks.map(({ der }) => new X509Certificate(der));

type Edit = (files: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;

function replace(file: string, what: string | RegExp, by: string): Edit {
  return (files) => {
    const changed = files[file]!.replace(what, by);
    if (changed === files[file]) throw new Error(`nothing to replace in ${file}`);
    return { ...files, [file]: changed };
  };
}

/** All files but the log, which tells of the refusal. */
async function contentsOf(folder: string): Promise<Record<string, string>> {
  const paths = (await listFiles(folder)).filter((path) => path !== '.openshift_install.log');
  const entries = paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}
