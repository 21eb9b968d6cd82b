import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import { renderPem, scanPem } from '#formats/pem.ts';
import type { AnyAsset, StateFileEntry } from '#installer/asset.ts';
import * as bundles from '#installer/assets/tls/bundles.ts';
import * as clients from '#installer/assets/tls/clientCertificates.ts';
import { ironicTLSCert } from '#installer/assets/tls/ironicTls.ts';
import {
  bootstrapSSHKeyPair,
  boundSASigningKey,
  serviceAccountKeyPair,
} from '#installer/assets/tls/keyPairs.ts';
import * as servers from '#installer/assets/tls/serverCertificates.ts';
import * as signers from '#installer/assets/tls/signers.ts';
import { PasswordSource } from '#installer/passwords.ts';
import { AssetStore } from '#installer/store.ts';
import { KeyPool } from '#pki/keySource.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import { localHost } from '#system/localHost.ts';
import { hashPassword } from '#system/passwordHasher.ts';
import { opensslFacts } from './opensslFacts.ts';

/** What the recordings say of a file on the bootstrap machine. */
interface RecordedFile {
  readonly path: string;
  readonly certs?: readonly object[];
  readonly pem?: readonly string[];
}

interface Recording {
  readonly in: Readonly<Record<string, string>>;
  readonly steps: {
    readonly 'ignition-configs': {
      readonly dir: Readonly<Record<string, { readonly ign?: { readonly files: readonly RecordedFile[] } }>>;
    };
  };
}

const ON_MACHINE = '/opt/openshift/';
const ALL: readonly AnyAsset[] = [
  ...[signers, clients, servers, bundles].flatMap((rows) => Object.values(rows) as AnyAsset[]),
  ironicTLSCert,
  serviceAccountKeyPair,
  boundSASigningKey,
];
/** They stay in the state file; what is in no recording can't be compared. */
const NOT_ON_MACHINE = [
  'tls/admin-kubeconfig-client.crt',
  'tls/admin-kubeconfig-client.key',
  'tls/admin-kubeconfig-signer.crt',
  'tls/admin-kubeconfig-signer.key',
  'tls/kubelet-bootstrap-kubeconfig-signer.crt',
  'tls/kubelet-bootstrap-kubeconfig-signer.key',
  'tls/root-ca.key',
];

const readRecording = async (name: string): Promise<Recording> =>
  JSON.parse(
    await readFile(join(import.meta.dirname, `../fixtures/contracts/${name}.json`), 'utf8'),
  ) as Recording;

const recordedFiles = (recording: Recording): RecordedFile[] =>
  recording.steps['ignition-configs'].dir['bootstrap.ign']!.ign!.files.filter(({ path }) =>
    path.startsWith(`${ON_MACHINE}tls/`),
  );

function storeFor(installConfig: string): AssetStore {
  return new AssetStore({
    state: new Map(),
    readInputs: async (path) =>
      path === 'install-config.yaml' ? [{ path, content: Buffer.from(installConfig) }] : [],
    context: {
      now: new Date(Math.floor(Date.now() / 1000) * 1000),
      random: randomBytes,
      keys: new KeyPool({ concurrency: 2 }),
      passwords: new PasswordSource(randomBytes, hashPassword),
      data: dataFilesOf({}),
      logger: silentLogger,
      env: {},
      unknownKeys: 'error',
    },
  });
}

/** Makes every TLS asset and writes its files. */
async function writeAll(store: AssetStore, root: string): Promise<string[]> {
  const values = await Promise.all(ALL.map((asset) => store.fetch(asset)));
  const files = values.flatMap((value) => (value as { FileList: StateFileEntry[] }).FileList);
  for (const { Filename, Data } of files) {
    await mkdir(dirname(join(root, Filename)), { recursive: true });
    await writeFile(join(root, Filename), Buffer.from(Data, 'base64'), { mode: 0o600 });
  }
  return files.map(({ Filename }) => Filename).toSorted();
}

describe.each(['none-sno', 'baremetal-ha'])('the TLS assets of the recorded case %s', (name) => {
  let root: string;
  let store: AssetStore;
  let recording: Recording;
  let written: string[];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'sower-tls-'));
    recording = await readRecording(name);
    store = storeFor(recording.in['install-config.yaml']!);
    written = await writeAll(store, root);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const openssl = async (...args: string[]): Promise<string> =>
    (await localHost.run(['openssl', ...args], { cwd: root })).stdout;
  const verify = (purpose: string, ca: string, leaf: string, ...more: string[]) =>
    openssl('verify', '-x509_strict', '-purpose', purpose, ...more, '-CAfile', ca, leaf);

  it('are the files on the recorded bootstrap machine, and what stays in the state', () => {
    const recorded = recordedFiles(recording).map(({ path }) => path.slice(ON_MACHINE.length));
    expect(written).toEqual([...recorded, ...NOT_ON_MACHINE].toSorted());
  });

  it('say what the recorded ones say', async () => {
    for (const { path, certs, pem } of recordedFiles(recording)) {
      const { blocks } = scanPem(await readFile(join(root, path.slice(ON_MACHINE.length))));
      if (certs === undefined) expect([path, blocks.map(({ label }) => label)]).toEqual([path, pem]);
      else {
        const facts = await Promise.all(blocks.map(({ label, der }) => opensslFacts(renderPem(label, der))));
        expect([path, facts]).toEqual([path, certs]);
      }
    }
  });

  it('have keys that fit', async () => {
    const certified = written.filter((path) => written.includes(path.replace(/crt$/, 'key')));
    expect(certified.length).toBeGreaterThan(20);
    for (const path of certified.filter((each) => each.endsWith('.crt'))) {
      const key = path.replace(/crt$/, 'key');
      const [publicKey, ofCertificate] = await Promise.all([
        openssl('pkey', '-in', key, '-pubout'),
        openssl('x509', '-in', path, '-noout', '-pubkey'),
      ]);
      expect([path, publicKey]).toEqual([path, ofCertificate]);
    }
  });

  it.each([
    ['localhost', 'localhost-server', 'localhost'],
    ['service-network', 'service-network-server', 'openshift.default.svc'],
    ['lb', 'lb-server', 'api'],
    ['lb', 'internal-lb-server', 'api-int'],
  ])('let a client that trusts the %s bundle reach the API as %s', async (bundle, server, host) => {
    const file = `tls/kube-apiserver-${server}.crt`;
    const wanted = host.startsWith('api') ? `${host}.${domainOf(recording)}` : host;
    for (const trusted of [bundle, 'complete-server']) {
      const ca = `tls/kube-apiserver-${trusted}-ca-bundle.crt`;
      await verify('sslserver', ca, file, '-verify_hostname', wanted);
      await expect(verify('sslclient', ca, file)).rejects.toThrow();
      await expect(verify('sslserver', ca, file, '-verify_hostname', 'other.example')).rejects.toThrow();
    }
    await expect(verify('sslserver', 'tls/root-ca.crt', file)).rejects.toThrow();
  });

  it('let a client reach the API by address inside', async () => {
    const ca = 'tls/kube-apiserver-complete-server-ca-bundle.crt';
    await verify('sslserver', ca, 'tls/kube-apiserver-localhost-server.crt', '-verify_ip', '::1');
    const service = 'tls/kube-apiserver-service-network-server.crt';
    await verify('sslserver', ca, service, '-verify_ip', '172.30.0.1');
    await expect(verify('sslserver', ca, service, '-verify_ip', '172.30.0.2')).rejects.toThrow();
  });

  it.each([
    ['admin-kubeconfig-client', 'admin-kubeconfig-ca-bundle', true],
    ['kubelet-client', 'kubelet-bootstrap-kubeconfig-ca-bundle', true],
    ['kube-apiserver-to-kubelet-client', 'kube-apiserver-to-kubelet-ca-bundle', true],
    ['kube-control-plane-kube-controller-manager-client', 'kube-control-plane-ca-bundle', true],
    ['kube-control-plane-kube-scheduler-client', 'kube-control-plane-ca-bundle', true],
    ['aggregator-client', 'aggregator-ca-bundle', false],
    ['apiserver-proxy', 'aggregator-ca', false],
  ])('let %s in by %s', async (client, ca, isClientOfApi) => {
    await verify('sslclient', `tls/${ca}.crt`, `tls/${client}.crt`);
    const whole = verify(
      'sslclient',
      'tls/kube-apiserver-complete-client-ca-bundle.crt',
      `tls/${client}.crt`,
    );
    if (isClientOfApi) await whole;
    else await expect(whole).rejects.toThrow();
  });

  it('let machines trust the machine config server, and the journal both ways', async () => {
    const host = ['-verify_hostname', `api-int.${domainOf(recording)}`];
    await verify('sslserver', 'tls/root-ca.crt', 'tls/machine-config-server.crt', ...host);
    for (const purpose of ['sslserver', 'sslclient']) {
      await verify(purpose, 'tls/root-ca.crt', 'tls/journal-gatewayd.crt');
    }
  });

  it('have an SSH key whose halves ssh-keygen takes for one key', async () => {
    const { Priv, Pub } = await store.fetch(bootstrapSSHKeyPair);
    const path = join(root, 'bootstrap-ssh');
    await writeFile(path, Buffer.from(Priv, 'base64'), { mode: 0o600 });
    const { stdout } = await localHost.run(['ssh-keygen', '-y', '-f', path]);
    expect(Buffer.from(Pub, 'base64').toString()).toBe(stdout);
  });
});

const domainOf = (recording: Recording): string => {
  const text = recording.in['install-config.yaml']!;
  const [, domain] = /^baseDomain: (.*)$/m.exec(text)!;
  const [, name] = /^metadata:\n {2}name: (.*)$/m.exec(text)!;
  return `${name}.${domain}`;
};
