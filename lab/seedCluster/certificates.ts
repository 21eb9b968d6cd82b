import type { ExtendedKeyUsage } from '#pki/extensions.ts';
import { apiIntName, apiName, appsDomain, KUBERNETES_SERVICE_IP, type SeedIdentity } from './identity.ts';
import type { SignerName } from './signers.ts';

/** The leaf certificates of the cluster; where each is stored says `operands.ts`. */
export type LeafName =
  | 'etcd-serving'
  | 'etcd-peer'
  | 'etcd-serving-metrics'
  | 'etcd-client'
  | 'etcd-metric-client'
  | 'localhost-serving'
  | 'service-network-serving'
  | 'external-loadbalancer-serving'
  | 'internal-loadbalancer-serving'
  | 'localhost-recovery-serving'
  | 'aggregator-client'
  | 'kubelet-client'
  | 'control-plane-node-admin-client'
  | 'node-system-admin-client'
  | 'check-endpoints-client'
  | 'kube-controller-manager-client'
  | 'kube-controller-manager-serving'
  | 'kube-scheduler-client'
  | 'kube-scheduler-serving'
  | 'kubelet-node-client'
  | 'kubelet-node-serving'
  | 'kubelet-bootstrap'
  | 'admin-client'
  | 'router-default'
  | 'machine-config-server'
  | 'metrics-client'
  | 'webhook-serving'
  | 'packageserver-serving';

export interface LeafSpec {
  readonly signer: SignerName;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** DNS names and IP addresses, in the order of the certificate. */
  readonly hosts: readonly string[];
  readonly usages: readonly ExtendedKeyUsage[];
  readonly days: number;
}

const MONTH = 30;
const YEAR = 365;
const SERVICE_ACCOUNT = 'system:serviceaccount';

/** Subjects, names and usages as OpenShift's operators issue them. */
export function leafSpecs(identity: SeedIdentity): Readonly<Record<LeafName, LeafSpec>> {
  return {
    ...etcdLeaves(identity),
    ...apiserverLeaves(identity),
    ...controlLeaves(),
    ...nodeLeaves(identity),
  };
}

type Leaves<Name extends LeafName> = Readonly<Record<Name, LeafSpec>>;

function etcdLeaves(
  identity: SeedIdentity,
): Leaves<'etcd-serving' | 'etcd-peer' | 'etcd-serving-metrics' | 'etcd-client' | 'etcd-metric-client'> {
  const hosts = [
    identity.hostname,
    'localhost',
    'etcd.kube-system.svc',
    'etcd.kube-system.svc.cluster.local',
    'etcd.openshift-etcd.svc',
    'etcd.openshift-etcd.svc.cluster.local',
    identity.nodeIp,
    '127.0.0.1',
    '::1',
  ];
  const member = (signer: SignerName, commonName: string, organization: string): LeafSpec => ({
    signer,
    commonName: `${commonName}:${identity.hostname}`,
    organizations: [organization],
    hosts,
    usages: ['serverAuth', 'clientAuth'],
    days: 3 * YEAR,
  });
  return {
    'etcd-serving': member('etcd-signer', 'system:etcd-server', 'system:etcd-servers'),
    'etcd-peer': member('etcd-signer', 'system:etcd-peer', 'system:etcd-peers'),
    'etcd-serving-metrics': member('etcd-metric-signer', 'system:etcd-metric', 'system:etcd-metrics'),
    'etcd-client': client('etcd-signer', 'etcd-client', ['system:etcd-clients'], 3 * YEAR),
    'etcd-metric-client': client('etcd-metric-signer', 'etcd-metric', ['system:etcd-metrics'], 3 * YEAR),
  };
}

function apiserverLeaves(
  identity: SeedIdentity,
): Leaves<
  | 'localhost-serving'
  | 'service-network-serving'
  | 'external-loadbalancer-serving'
  | 'internal-loadbalancer-serving'
  | 'localhost-recovery-serving'
  | 'aggregator-client'
  | 'kubelet-client'
  | 'control-plane-node-admin-client'
  | 'node-system-admin-client'
  | 'check-endpoints-client'
> {
  const inService = (name: string) => [name, `${name}.default`, `${name}.default.svc`];
  return {
    'localhost-serving': server('kube-apiserver-localhost-signer', ['127.0.0.1', 'localhost']),
    'service-network-serving': server('kube-apiserver-service-network-signer', [
      KUBERNETES_SERVICE_IP,
      ...inService('kubernetes'),
      'kubernetes.default.svc.cluster.local',
      ...inService('openshift'),
      'openshift.default.svc.cluster.local',
    ]),
    'external-loadbalancer-serving': server('kube-apiserver-lb-signer', [apiName(identity)]),
    'internal-loadbalancer-serving': server('kube-apiserver-lb-signer', [apiIntName(identity)]),
    'localhost-recovery-serving': server(
      'localhost-recovery-serving-signer',
      ['localhost-recovery'],
      10 * YEAR,
    ),
    'aggregator-client': client('aggregator-client-signer', 'system:openshift-aggregator'),
    'kubelet-client': client('kube-apiserver-to-kubelet-signer', 'system:kube-apiserver', ['kube-master']),
    'control-plane-node-admin-client': client(
      'kube-control-plane-signer',
      'system:control-plane-node-admin',
      ['system:masters'],
    ),
    'node-system-admin-client': client(
      'node-system-admin-signer',
      'system:admin',
      ['system:masters'],
      4 * MONTH,
    ),
    'check-endpoints-client': client(
      'kube-control-plane-signer',
      `${SERVICE_ACCOUNT}:openshift-kube-apiserver:check-endpoints`,
    ),
  };
}

function controlLeaves(): Leaves<
  | 'kube-controller-manager-client'
  | 'kube-controller-manager-serving'
  | 'kube-scheduler-client'
  | 'kube-scheduler-serving'
  | 'metrics-client'
  | 'webhook-serving'
  | 'packageserver-serving'
> {
  return {
    'kube-controller-manager-client': client('kube-control-plane-signer', 'system:kube-controller-manager'),
    'kube-controller-manager-serving': service(
      'kube-controller-manager',
      'openshift-kube-controller-manager',
    ),
    'kube-scheduler-client': client('kube-control-plane-signer', 'system:kube-scheduler'),
    'kube-scheduler-serving': service('scheduler', 'openshift-kube-scheduler'),
    'metrics-client': client('csr-signer', `${SERVICE_ACCOUNT}:openshift-monitoring:prometheus-k8s`),
    'webhook-serving': service('lifecycle-agent-webhook', 'openshift-lifecycle-agent'),
    'packageserver-serving': {
      ...server(
        'packageserver-signer',
        [
          'packageserver-service.openshift-operator-lifecycle-manager',
          'packageserver-service.openshift-operator-lifecycle-manager.svc',
        ],
        2 * YEAR,
      ),
      organizations: ['Red Hat, Inc.'],
    },
  };
}

function nodeLeaves(
  identity: SeedIdentity,
): Leaves<
  | 'kubelet-node-client'
  | 'kubelet-node-serving'
  | 'kubelet-bootstrap'
  | 'admin-client'
  | 'router-default'
  | 'machine-config-server'
> {
  const nodeName = `system:node:${identity.hostname}`;
  const bootstrapper = `${SERVICE_ACCOUNT}:openshift-machine-config-operator:node-bootstrapper`;
  return {
    'kubelet-node-client': client('csr-signer', nodeName, ['system:nodes']),
    'kubelet-node-serving': {
      ...server('csr-signer', [identity.hostname, identity.nodeIp]),
      commonName: nodeName,
      organizations: ['system:nodes'],
    },
    'kubelet-bootstrap': client(
      'kubelet-bootstrap-kubeconfig-signer',
      bootstrapper,
      ['system:serviceaccounts:openshift-machine-config-operator', 'system:serviceaccounts'],
      10 * YEAR,
    ),
    'admin-client': {
      ...client('admin-kubeconfig-signer', 'system:admin', ['system:masters'], 10 * YEAR),
      usages: ['serverAuth', 'clientAuth'],
    },
    'router-default': server('ingress-operator', [`*.${appsDomain(identity)}`], 2 * YEAR),
    'machine-config-server': {
      ...server('root-ca', [apiIntName(identity)], 10 * YEAR),
      commonName: 'system:machine-config-server',
    },
  };
}

function client(
  signer: SignerName,
  commonName: string,
  organizations: readonly string[] = [],
  days = MONTH,
): LeafSpec {
  return { signer, commonName, organizations, hosts: [], usages: ['clientAuth'], days };
}

/** The first host is the common name too, as library-go's server certificates have it. */
function server(signer: SignerName, hosts: readonly [string, ...string[]], days = MONTH): LeafSpec {
  return { signer, commonName: hosts[0], organizations: [], hosts, usages: ['serverAuth'], days };
}

function service(name: string, namespace: string): LeafSpec {
  const host = `${name}.${namespace}.svc`;
  return server('service-serving-signer', [host, `${host}.cluster.local`], 2 * YEAR);
}
