import { createHash } from 'node:crypto';
import { REVISION, type SeedIdentity } from '../identity.ts';
import type { SeedPki } from '../pki.ts';
import { type Operand, operandsOf } from './operand.ts';

/** The node's own certificates, by the prefix of their Secret's and files' names. */
const ETCD_NODE_LEAVES = ['etcd-peer', 'etcd-serving', 'etcd-serving-metrics'] as const;

/** Where the etcd pod sees the node's certificates. */
export const ETCD_CERTS = '/etc/kubernetes/static-pod-certs';

/** A host name as it may stand in the name of an environment variable. */
export const etcdVariable = (hostname: string, what: string): string =>
  `NODE_${hostname.replace(/[-.]/g, '_')}_${what}`;

export function etcdOperands(identity: SeedIdentity, pki: SeedPki): Operand[] {
  const { hostname, nodeIp } = identity;
  const all = Object.fromEntries(
    ETCD_NODE_LEAVES.flatMap((leaf) => [
      [`${leaf}-${hostname}.crt`, pki.leaves[leaf].certificate],
      [`${leaf}-${hostname}.key`, pki.leaves[leaf].key],
    ]),
  );
  const certs = operandsOf(pki, 'etcd', 'certs');
  const revision = operandsOf(pki, 'etcd', 'revision');
  const cluster = operandsOf(pki, 'etcd', 'cluster');
  return [
    ...ETCD_NODE_LEAVES.map((leaf) => describedLeaf(cluster.leaf(`${leaf}-${hostname}`, leaf), hostname)),
    certs.secret('etcd-all-certs', all),
    cluster.secret(`etcd-all-certs-${REVISION}`, all),
    certs.bundle('etcd-serving-ca', 'etcd'),
    certs.bundle('etcd-peer-client-ca', 'etcd'),
    certs.bundle('etcd-metrics-proxy-serving-ca', 'etcdMetric'),
    certs.bundle('etcd-metrics-proxy-client-ca', 'etcdMetric'),
    certs.configMap('etcd-scripts', { 'etcd.env': etcdEnvironment(identity) }),
    revision.configMap('etcd-endpoints', { [endpointKey(nodeIp)]: nodeIp }),
  ];
}

const describedLeaf = (leaf: Operand, hostname: string): Operand => ({
  ...leaf,
  annotations: {
    ...leaf.annotations,
    'openshift.io/description': `certificate of the etcd member on ${hostname}`,
  },
});

/** OpenShift derives the key from the member's address too. */
const endpointKey = (nodeIp: string): string =>
  createHash('sha256').update(nodeIp).digest('hex').slice(0, 16);

/** Sourced by the scripts for backup and restore. */
function etcdEnvironment({ hostname, nodeIp }: SeedIdentity): string {
  const certs = `${ETCD_CERTS}/secrets/etcd-all-certs`;
  const variables = {
    ALL_ETCD_ENDPOINTS: `https://${nodeIp}:2379`,
    ETCDCTL_API: '3',
    ETCDCTL_CACERT: `${ETCD_CERTS}/configmaps/etcd-serving-ca/ca-bundle.crt`,
    ETCDCTL_CERT: `${certs}/etcd-peer-${hostname}.crt`,
    ETCDCTL_ENDPOINTS: `https://${nodeIp}:2379`,
    ETCDCTL_KEY: `${certs}/etcd-peer-${hostname}.key`,
    [etcdVariable(hostname, 'ETCD_NAME')]: hostname,
    [etcdVariable(hostname, 'ETCD_URL_HOST')]: nodeIp,
    [etcdVariable(hostname, 'IP')]: nodeIp,
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}="${value}"\n`)
    .join('');
}
