import { createHash, X509Certificate } from 'node:crypto';
import type { Host } from '#system/host.ts';

/** Runs programs inside a host of the lab. */
export type Inside = Pick<Host, 'run'>;

/** The kubeconfig that create and post-pivot use on the node (spec/lifecycle-agent 2.1). */
export const NODE_KUBECONFIG =
  '/etc/kubernetes/static-pod-resources/kube-apiserver-certs/secrets/node-kubeconfigs/lb-ext.kubeconfig';

/** What tells one cluster from another; every map goes from the place of a thing to its SHA-256 fingerprint. */
export interface ClusterFacts {
  readonly apiServerUrl: string;
  readonly infrastructureName: string;
  readonly clusterId: string;
  readonly baseDomain: string;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly machineId: string;
  readonly etcdMemberId: string;
  readonly etcdClusterId: string;
  readonly signers: ReadonlyMap<string, string>;
  readonly leaves: ReadonlyMap<string, string>;
  readonly serviceAccountKeys: ReadonlyMap<string, string>;
  readonly sshHostKeys: ReadonlyMap<string, string>;
  /** Service account tokens stored in Secrets, by `namespace/name`. Secret material: compare it, never print it. */
  readonly tokens: ReadonlyMap<string, string>;
  /** A token that the cluster has issued just now. */
  readonly freshToken: string;
}

interface KubeConfigMap {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** ConfigMaps whose certificates belong to authorities outside the cluster, which seed and clone share (spec/recert 3.1). */
export const EXTERNAL_AUTHORITIES: readonly string[] = ['trusted-ca-bundle', 'user-ca-bundle'];

interface KubeSecret {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Reads the facts of a running cluster from inside its host. */
export async function gatherFacts(host: Inside): Promise<ClusterFacts> {
  const [infrastructure, version, dns, nodes, secrets, configMaps] = await Promise.all([
    getObject<{ status: { apiServerURL: string; infrastructureName: string } }>(host, [
      'infrastructures.config.openshift.io',
      'cluster',
    ]),
    getObject<{ spec: { clusterID: string } }>(host, ['clusterversions.config.openshift.io', 'version']),
    getObject<{ spec: { baseDomain: string } }>(host, ['dnses.config.openshift.io', 'cluster']),
    getObject<{ items: KubeNode[] }>(host, ['nodes']),
    getObject<{ items: KubeSecret[] }>(host, ['secrets', '--all-namespaces']),
    getObject<{ items: KubeConfigMap[] }>(host, ['configmaps', '--all-namespaces']),
  ]);
  const etcd = await etcdIdentity(host);
  const { signers, leaves } = certificatesOf(secrets.items);
  return {
    apiServerUrl: infrastructure.status.apiServerURL,
    infrastructureName: infrastructure.status.infrastructureName,
    clusterId: version.spec.clusterID,
    baseDomain: dns.spec.baseDomain,
    nodeName: nodes.items.map((node) => node.metadata.name).join(','),
    nodeIp: nodes.items.map((node) => addressOf(node)).join(','),
    machineId: (await host.run(['cat', '/etc/machine-id'])).stdout.trim(),
    ...etcd,
    signers: new Map([...signers, ...trustedAuthoritiesOf(configMaps.items)]),
    leaves,
    serviceAccountKeys: serviceAccountKeysOf(secrets.items),
    sshHostKeys: await sshHostKeys(host),
    tokens: tokensOf(secrets.items),
    freshToken: await issueToken(host),
  };
}

interface KubeNode {
  readonly metadata: { readonly name: string };
  readonly status: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

const addressOf = (node: KubeNode): string =>
  node.status.addresses?.find((address) => address.type === 'InternalIP')?.address ?? 'none';

async function getObject<T>(host: Inside, what: readonly string[]): Promise<T> {
  const { stdout } = await host.run([
    'kubectl',
    '--kubeconfig',
    NODE_KUBECONFIG,
    'get',
    ...what,
    '-o',
    'json',
  ]);
  return JSON.parse(stdout) as T;
}

/** Ids are 64-bit: taken from the text, because JSON numbers of that size lose their last digits. */
async function etcdIdentity(host: Inside): Promise<{ etcdMemberId: string; etcdClusterId: string }> {
  const certs = '/etc/kubernetes/static-pod-resources/kube-apiserver-pod-3';
  const { stdout } = await host.run(
    [
      'etcdctl',
      '--endpoints',
      'https://localhost:2379',
      '--cacert',
      `${certs}/configmaps/etcd-serving-ca/ca-bundle.crt`,
      '--cert',
      `${certs}/secrets/etcd-client/tls.crt`,
      '--key',
      `${certs}/secrets/etcd-client/tls.key`,
      'endpoint',
      'status',
      '-w',
      'json',
    ],
    { env: { ETCDCTL_API: '3' } },
  );
  const id = (name: string) => BigInt(new RegExp(`"${name}":(\\d+)`).exec(stdout)?.[1] ?? '0').toString(16);
  return { etcdMemberId: id('member_id'), etcdClusterId: id('cluster_id') };
}

/** Every certificate that lies beside its private key in a Secret; CAs are signers, the others leaves. */
function certificatesOf(secrets: readonly KubeSecret[]): Pick<ClusterFacts, 'signers' | 'leaves'> {
  const signers = new Map<string, string>();
  const leaves = new Map<string, string>();
  for (const secret of secrets) {
    for (const [key, value] of Object.entries(secret.data ?? {})) {
      const beside = key.replace(/\.crt$/, '.key');
      if (beside === key || secret.data?.[beside] === undefined) continue;
      const certificate = new X509Certificate(Buffer.from(value, 'base64'));
      const place = `${secret.metadata.namespace}/${secret.metadata.name}/${key}`;
      (certificate.ca ? signers : leaves).set(place, certificate.fingerprint256);
    }
  }
  return { signers, leaves };
}

/** Signers whose keys are stored nowhere are known by the bundles that trust them. */
function trustedAuthoritiesOf(configMaps: readonly KubeConfigMap[]): Map<string, string> {
  const authorities = new Map<string, string>();
  for (const { metadata, data } of configMaps) {
    if (EXTERNAL_AUTHORITIES.includes(metadata.name)) continue;
    for (const [key, value] of Object.entries(data ?? {})) {
      const blocks = value.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      for (const [index, block] of blocks.entries()) {
        const certificate = new X509Certificate(block);
        const place = `${metadata.namespace}/${metadata.name}/${key}[${index}]`;
        if (certificate.ca) authorities.set(place, certificate.fingerprint256);
      }
    }
  }
  return authorities;
}

async function issueToken(host: Inside): Promise<string> {
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 600 },
  };
  const argv = ['kubectl', '--kubeconfig', NODE_KUBECONFIG, 'create', '--raw', path, '-f', '-'];
  const { stdout } = await host.run(argv, { input: JSON.stringify(request) });
  return (JSON.parse(stdout) as { status: { token: string } }).status.token;
}

function serviceAccountKeysOf(secrets: readonly KubeSecret[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const secret of secrets) {
    const value = secret.data?.['service-account.pub'];
    if (value !== undefined)
      keys.set(`${secret.metadata.namespace}/${secret.metadata.name}`, sha256(Buffer.from(value, 'base64')));
  }
  return keys;
}

function tokensOf(secrets: readonly KubeSecret[]): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const secret of secrets) {
    const token = secret.data?.['token'];
    if (secret.type !== 'kubernetes.io/service-account-token' || token === undefined) continue;
    tokens.set(
      `${secret.metadata.namespace}/${secret.metadata.name}`,
      Buffer.from(token, 'base64').toString('utf8'),
    );
  }
  return tokens;
}

async function sshHostKeys(host: Inside): Promise<Map<string, string>> {
  const { stdout } = await host.run(['find', '/etc/ssh', '-name', 'ssh_host_*_key.pub']);
  const keys = new Map<string, string>();
  for (const path of stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort()) {
    const [, key = ''] = (await host.run(['cat', path])).stdout.split(' ');
    keys.set(path, sha256(Buffer.from(key, 'base64')));
  }
  return keys;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
