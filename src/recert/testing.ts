import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { silentLogger } from '#base/logger.ts';
import { percentEncoded } from '#formats/nestedText.ts';
import { renderPemFile } from '#formats/pem.ts';
import { lengthDelimited } from '#formats/protobufWire.ts';
import type { Issuer } from '#pki/issue.ts';
import { signJwt } from '#pki/jwt.ts';
import { KeyPool } from '#pki/keySource.ts';
import { renderPrivateKeyFile, renderPublicKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import type { Etcd, EtcdKeyValue, EtcdMember } from '#system/etcd.ts';
import type { Host } from '#system/host.ts';
import type { RecertMeans } from './means.ts';

/** etcd in memory, with revisions and conditions like the real one. */
export class MemoryEtcd implements Etcd {
  readonly keys = new Map<string, EtcdKeyValue>();
  memberList: EtcdMember[] = [];
  compactedTo = 0;
  #revision = 1;

  constructor(objects: Iterable<readonly [string, Buffer]> = []) {
    for (const [key, value] of objects)
      this.keys.set(key, { key, value, modRevision: ++this.#revision, lease: 0n });
  }

  async readAll(prefix: string, keep: (entry: EtcdKeyValue) => boolean = () => true) {
    const all = [...this.keys.values()].filter(({ key }) => key.startsWith(prefix));
    const entries = all.filter(keep).sort((a, b) => (a.key < b.key ? -1 : 1));
    return { revision: this.#revision, entries, count: all.length };
  }

  async transact(...[conditions, operations]: Parameters<Etcd['transact']>): Promise<boolean> {
    if (conditions.some(({ key, modRevision }) => (this.keys.get(key)?.modRevision ?? 0) !== modRevision))
      return false;
    this.#revision++;
    for (const operation of operations) {
      if ('delete' in operation) this.keys.delete(operation.delete);
      else {
        const { put: key, value, lease = 0n } = operation;
        this.keys.set(key, { key, value: Buffer.from(value), modRevision: this.#revision, lease });
      }
    }
    return true;
  }

  async compact(revision: number): Promise<void> {
    this.compactedTo = revision;
  }

  async defragment(): Promise<void> {}

  async status() {
    return { clusterId: 1n, memberId: 2n, revision: this.#revision, version: '3.5.0', dbSize: 0 };
  }

  async members() {
    return this.memberList;
  }

  async updateMember(id: bigint, peerUrls: readonly string[]): Promise<void> {
    this.memberList = this.memberList.map((member) => (member.id === id ? { ...member, peerUrls } : member));
  }

  close(): void {}
}

const word = (): string => `x${randomBytes(5).toString('hex')}`;
/** Fast to make; the size is kept by recert, so its new keys are fast to make too. */
const rsaKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ecKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const DAY = 86_400;

const field = (number: number, content: string | Uint8Array): Buffer =>
  lengthDelimited(number, typeof content === 'string' ? Buffer.from(content) : content);
const entry = (number: number, key: string, value: string | Uint8Array): Buffer =>
  field(number, Buffer.concat([field(1, key), field(2, value)]));

/** A field that no schema of ours has; it must survive. */
export const UNKNOWN_FIELD = field(97, 'from a later Kubernetes');

/** A protobuf object as an API server stores it. */
function storedObject(apiVersion: string, kind: string, parts: readonly Buffer[]): Buffer {
  const typeMeta = Buffer.concat([field(1, apiVersion), field(2, kind)]);
  const raw = Buffer.concat([...parts, UNKNOWN_FIELD]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw), field(3, ''), field(4, '')]);
}

type Data = Readonly<Record<string, string | Uint8Array>>;

const metadata = (
  namespace: string,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): Buffer =>
  field(
    1,
    Buffer.concat([
      field(1, name),
      ...(namespace === '' ? [] : [field(3, namespace)]),
      ...Object.entries(labels).map(([key, value]) => entry(11, key, value)),
      ...Object.entries(annotations).map(([key, value]) => entry(12, key, value)),
    ]),
  );

export const secretObject = (namespace: string, name: string, data: Data, annotations = {}): Buffer =>
  storedObject('v1', 'Secret', [
    metadata(namespace, name, annotations),
    ...Object.entries(data).map(([key, value]) => entry(2, key, value)),
    field(3, 'Opaque'),
  ]);

export const configMapObject = (
  namespace: string,
  name: string,
  data: Data,
  binary: Data = {},
  labels: Readonly<Record<string, string>> = {},
): Buffer =>
  storedObject('v1', 'ConfigMap', [
    metadata(namespace, name, {}, labels),
    ...Object.entries(data).map(([key, value]) => entry(2, key, value)),
    ...Object.entries(binary).map(([key, value]) => entry(3, key, value)),
  ]);

export interface TestCluster {
  readonly host: string;
  readonly ip: string;
  readonly domain: string;
  readonly objects: Map<string, Buffer>;
  readonly files: Record<string, string>;
  /** PEM and tokens that must be gone after a run, and a certificate of others that must stay. */
  readonly old: readonly string[];
  readonly foreign: string;
  /** Key of an object that holds nothing to change. */
  readonly untouched: string;
}

const pem = (issuer: Pick<Issuer, 'certificate'>): string =>
  renderPemFile('CERTIFICATE', issuer.certificate.der);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A single-node cluster with random names: three signers, certificates, tokens, in many places and nestings. */
export function makeCluster(prefix = '/kubernetes.io'): TestCluster {
  const [host, domain, namespace] = [word(), `${word()}.example.org`, word()];
  const ip = `10.${randomBytes(1)[0]}.${randomBytes(1)[0]}.17`;
  const now = new Date('2026-01-01T00:00:00Z');
  const signer = (commonName: string, key = rsaKey()): Issuer =>
    issueSigner({
      subject: goName({ commonName, organizationalUnit: ['openshift'] }),
      key,
      serial: 7n,
      now,
      validitySeconds: 3650 * DAY,
    });
  const leaf = (issuer: Issuer, commonName: string, key = rsaKey()) => ({
    key,
    certificate: issueLeaf({
      subject: goName({ commonName }),
      key,
      serial: 9n,
      now,
      validitySeconds: 365 * DAY,
      issuer,
      extendedKeyUsage: ['serverAuth'],
      dnsNames: [`api-int.${domain}`, host],
      ipAddresses: [ip],
    }),
  });
  const [rsa, ec, admin] = [signer(word()), signer(word(), ecKey()), signer('admin-kubeconfig-signer')];
  const foreign = signer(word(), ecKey());
  const server = leaf(rsa, `system:node:${host}`);
  const peer = leaf(ec, host, ecKey());
  const accounts = rsaKey();
  const token = signJwt({ sub: `system:serviceaccount:${namespace}:a` }, accounts);
  const broken = '-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n';
  const bundle = `${pem(rsa)}${broken}${pem(ec)}${pem(admin)}`;
  const kubeconfig = [
    'apiVersion: v1\nkind: Config # of the node\nclusters:\n- name: old\n  cluster:\n',
    `    server: https://api-int.${domain}:6443\n    certificate-authority-data: ${base64(pem(rsa))}\n`,
    `contexts:\n- name: kubelet\n  context: {cluster: old, user: kubelet}\nusers:\n- name: kubelet\n  user:\n`,
    `    client-certificate-data: ${base64(pem(server))}\n    client-key-data: ${base64(renderPrivateKeyFile(server.key))}\n    token: ${token}\n`,
  ].join('');
  const etcdPod = {
    spec: {
      containers: [
        { name: 'etcd', command: ['etcd', `--name=${host}`, `--initial-cluster=${host}=https://${ip}:2380`] },
      ],
    },
  };
  const machineConfig = {
    apiVersion: 'machineconfiguration.openshift.io/v1',
    kind: 'MachineConfig',
    metadata: { name: 'm', generation: 12345678901234567890n.toString() },
    spec: {
      config: {
        storage: {
          files: [
            { path: '/etc/any.name', contents: { source: `data:,${percentEncoded(Buffer.from(pem(rsa)))}` } },
          ],
        },
      },
    },
  };
  const untouched = `${prefix}/secrets/${namespace}/plain`;
  const object = (path: string, value: Buffer | object): [string, Buffer] => [
    `${prefix}/${path}`,
    Buffer.isBuffer(value) ? value : Buffer.from(`${JSON.stringify(value)}\n`),
  ];
  const peerData = {
    [`etcd-peer-${host}.crt`]: pem(peer),
    [`etcd-peer-${host}.key`]: renderPrivateKeyFile(peer.key),
  };
  return {
    host,
    ip,
    domain,
    foreign: pem(foreign),
    untouched,
    old: [
      ...[rsa, ec, admin, server, peer].map(pem),
      ...[rsa.key, ec.key, admin.key, server.key, peer.key, accounts].map(renderPrivateKeyFile),
      renderPublicKeyFile(accounts),
      token,
    ],
    objects: new Map([
      object(
        'secrets/openshift-etcd/etcd-all-certs',
        secretObject('openshift-etcd', 'etcd-all-certs', peerData),
      ),
      object(
        `secrets/openshift-etcd/etcd-peer-${host}`,
        secretObject('openshift-etcd', `etcd-peer-${host}`, { 'tls.crt': pem(peer) }),
      ),
      object(
        `secrets/${namespace}/signer`,
        secretObject(namespace, 'signer', { 'tls.crt': pem(rsa), 'tls.key': renderPrivateKeyFile(rsa.key) }),
      ),
      object(`secrets/${namespace}/ec`, secretObject(namespace, 'ec', { k: renderPrivateKeyFile(ec.key) })),
      object(
        `secrets/${namespace}/admin`,
        secretObject(namespace, 'admin', { k: renderPrivateKeyFile(admin.key) }),
      ),
      object(
        `secrets/${namespace}/token`,
        secretObject(namespace, 'token', { token, 'ca.crt': bundle }, { a: token, 'z-after': 'b' }),
      ),
      object(`secrets/${namespace}/nested`, secretObject(namespace, 'nested', { any: base64(kubeconfig) })),
      object(`secrets/${namespace}/plain`, secretObject(namespace, 'plain', { blob: randomBytes(300) })),
      object(
        `configmaps/${namespace}/keys`,
        configMapObject(
          namespace,
          'keys',
          { 'a.pub': renderPublicKeyFile(accounts) },
          { 'b.bin': renderPrivateKeyFile(accounts) },
        ),
      ),
      object(
        'configmaps/openshift-config-managed/trusted-ca-bundle',
        configMapObject('openshift-config-managed', 'trusted-ca-bundle', { 'ca-bundle.crt': pem(foreign) }),
      ),
      object(
        'configmaps/kube-system/cluster-config-v1',
        configMapObject('kube-system', 'cluster-config-v1', {
          'install-config': `baseDomain: example.org\nmetadata:\n  name: ${domain.split('.')[0]}\n`,
        }),
      ),
      object('machineconfiguration.openshift.io/machineconfigs/m', machineConfig),
      object('config.openshift.io/dnses/cluster', {
        kind: 'DNS',
        apiVersion: 'config.openshift.io/v1',
        spec: { baseDomain: domain },
      }),
      object(
        `minions/${host}`,
        storedObject('v1', 'Node', [
          metadata('', host),
          field(3, field(5, Buffer.concat([field(1, 'InternalIP'), field(2, ip)]))),
        ]),
      ),
    ]),
    files: {
      '/etc/kubernetes/kubeconfig': kubeconfig,
      '/etc/kubernetes/manifests/etcd-pod.yaml': JSON.stringify(etcdPod),
      [`/etc/kubernetes/certs/etcd-all-certs/etcd-peer-${host}.crt`]: pem(peer),
      '/etc/kubernetes/oddly.named': `${renderPrivateKeyFile(server.key)}${pem(server)}`,
      '/var/lib/kubelet/pki/a.pem': pem(server),
    },
  };
}

/** Means for a run in memory; `seed` nothing, as the point is that names and keys differ from run to run. */
export function testMeans(host: Host, etcd: Etcd | undefined): RecertMeans {
  return {
    host,
    connect: async () => etcd && { etcd, close: async () => etcd.close() },
    keys: new KeyPool({ concurrency: 2 }),
    now: () => new Date('2026-06-01T00:00:00Z'),
    clock: () => 0,
    random: randomBytes,
    logger: silentLogger,
    logLines: () => [],
  };
}
