import { API_PORT, CLUSTER_NETWORK, REVISION, SERVICE_NETWORK, type SeedIdentity } from './identity.ts';
import { ETCD_CERTS, etcdVariable } from './operands/etcd.ts';
import type { Component } from './operands/operand.ts';

/** Where an SNO keeps what its static pods read. */
export const STATIC_POD_RESOURCES = '/etc/kubernetes/static-pod-resources';

/** Where every control-plane pod but etcd sees its two folders, as on OpenShift. */
const RESOURCES = '/etc/kubernetes/static-pod-resources';
const CERTS = '/etc/kubernetes/static-pod-certs';
const SECRETS = `${CERTS}/secrets`;

/** What differs between the static pods. */
export interface PodPlan {
  readonly component: Component;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: readonly Readonly<Record<string, unknown>>[];
  readonly probe: {
    readonly port: number;
    readonly scheme: 'HTTP' | 'HTTPS';
    readonly ready: string;
    readonly live: string;
  };
  readonly mounts: readonly Mount[];
}

/** A folder of the node inside a pod. */
interface Mount {
  readonly name: string;
  readonly host: string;
  readonly inside: string;
}

const pair = (folder: string): string => `${folder}/tls.crt,${folder}/tls.key`;

/**
 * The only pod with literal address and host name, as on OpenShift: recert edits them, the `NODE_*` variables, the
 * value of ETCD_NAME and the names of the certificate files. etcd derives `--initial-cluster` from name and peer URL.
 */
export function etcdPlan({ hostname, nodeIp }: SeedIdentity): PodPlan {
  const certs = `${ETCD_CERTS}/secrets/etcd-all-certs`;
  const bundles = `${ETCD_CERTS}/configmaps`;
  return {
    component: 'etcd',
    program: '/usr/bin/etcd',
    args: [
      '--data-dir=/var/lib/etcd',
      '--logger=zap',
      '--log-outputs=stderr',
      `--listen-client-urls=https://127.0.0.1:2379,https://${nodeIp}:2379`,
      `--advertise-client-urls=https://${nodeIp}:2379`,
      `--listen-peer-urls=https://${nodeIp}:2380`,
      `--initial-advertise-peer-urls=https://${nodeIp}:2380`,
      '--listen-metrics-urls=http://127.0.0.1:2381',
      `--cert-file=${certs}/etcd-serving-${hostname}.crt`,
      `--key-file=${certs}/etcd-serving-${hostname}.key`,
      `--trusted-ca-file=${bundles}/etcd-serving-ca/ca-bundle.crt`,
      '--client-cert-auth=true',
      `--peer-cert-file=${certs}/etcd-peer-${hostname}.crt`,
      `--peer-key-file=${certs}/etcd-peer-${hostname}.key`,
      `--peer-trusted-ca-file=${bundles}/etcd-peer-client-ca/ca-bundle.crt`,
      '--peer-client-cert-auth=true',
    ],
    env: [
      { name: 'ETCD_NAME', value: hostname },
      { name: etcdVariable(hostname, 'ETCD_NAME'), value: hostname },
      { name: etcdVariable(hostname, 'ETCD_URL_HOST'), value: nodeIp },
      { name: etcdVariable(hostname, 'IP'), value: nodeIp },
      { name: 'ETCDCTL_API', value: '3' },
      { name: 'ETCDCTL_CACERT', value: `${bundles}/etcd-serving-ca/ca-bundle.crt` },
      { name: 'ETCDCTL_CERT', value: `${certs}/etcd-peer-${hostname}.crt` },
      { name: 'ETCDCTL_KEY', value: `${certs}/etcd-peer-${hostname}.key` },
    ],
    probe: { port: 2381, scheme: 'HTTP', ready: '/health', live: '/health' },
    mounts: [
      { name: 'cert-dir', host: `${STATIC_POD_RESOURCES}/etcd-certs`, inside: ETCD_CERTS },
      { name: 'data-dir', host: '/var/lib/etcd', inside: '/var/lib/etcd' },
    ],
  };
}

export function apiserverPlan(): PodPlan {
  const etcd = `${RESOURCES}/secrets/etcd-client`;
  return {
    component: 'kube-apiserver',
    program: '/usr/bin/kube-apiserver',
    args: [
      '--advertise-address=$(HOST_IP)',
      '--bind-address=0.0.0.0',
      `--secure-port=${API_PORT}`,
      '--insecure-port=0',
      '--etcd-servers=https://localhost:2379',
      '--etcd-prefix=kubernetes.io',
      `--etcd-cafile=${RESOURCES}/configmaps/etcd-serving-ca/ca-bundle.crt`,
      `--etcd-certfile=${etcd}/tls.crt`,
      `--etcd-keyfile=${etcd}/tls.key`,
      ...servingFlags(),
      ...authenticationFlags(),
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--service-cluster-ip-range=${SERVICE_NETWORK}`,
      '--anonymous-auth=true',
      '--profiling=false',
    ],
    env: [{ name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    probe: { port: API_PORT, scheme: 'HTTPS', ready: '/readyz', live: '/livez' },
    mounts: operandMounts('kube-apiserver'),
  };
}

/** A certificate for each name that the API server is reached by; the one of the service network is the default. */
function servingFlags(): string[] {
  const serving = `${SECRETS}/service-network-serving-certkey`;
  return [
    `--tls-cert-file=${serving}/tls.crt`,
    `--tls-private-key-file=${serving}/tls.key`,
    `--tls-sni-cert-key=${pair(`${SECRETS}/localhost-serving-cert-certkey`)}`,
    `--tls-sni-cert-key=${pair(`${SECRETS}/external-loadbalancer-serving-certkey`)}`,
    `--tls-sni-cert-key=${pair(`${SECRETS}/internal-loadbalancer-serving-certkey`)}`,
    `--tls-sni-cert-key=${pair(`${RESOURCES}/secrets/localhost-recovery-serving-certkey`)}`,
  ];
}

/** Who may log in, and as whom the API server itself calls kubelets and extension servers. */
function authenticationFlags(): string[] {
  const aggregator = `${SECRETS}/aggregator-client`;
  const kubelet = `${SECRETS}/kubelet-client`;
  return [
    `--client-ca-file=${CERTS}/configmaps/client-ca/ca-bundle.crt`,
    `--kubelet-certificate-authority=${RESOURCES}/configmaps/kubelet-serving-ca/ca-bundle.crt`,
    `--kubelet-client-certificate=${kubelet}/tls.crt`,
    `--kubelet-client-key=${kubelet}/tls.key`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${CERTS}/configmaps/aggregator-client-ca/ca-bundle.crt`,
    '--requestheader-allowed-names=kube-apiserver-proxy,system:kube-apiserver-proxy,system:openshift-aggregator',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${aggregator}/tls.crt`,
    `--proxy-client-key-file=${aggregator}/tls.key`,
    '--enable-aggregator-routing=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${RESOURCES}/configmaps/sa-token-signing-certs/service-account-001.pub`,
    `--service-account-key-file=${RESOURCES}/configmaps/bound-sa-token-signing-certs/service-account-001.pub`,
    `--service-account-signing-key-file=${SECRETS}/bound-service-account-signing-key/service-account.key`,
    '--service-account-lookup=true',
  ];
}

/**
 * There is no rival, but the lease of a former run holds off the next one until it has expired: 15 s by default on
 * each return of a cluster. Long enough for an API server that shares two cores with a compiler.
 */
const LEADER_ELECTION = [
  '--leader-elect=true',
  '--leader-elect-lease-duration=6s',
  '--leader-elect-renew-deadline=5s',
  '--leader-elect-retry-period=1s',
];

export function controllerManagerPlan({ infraID }: SeedIdentity): PodPlan {
  const signer = `${SECRETS}/csr-signer`;
  const serving = `${RESOURCES}/secrets/serving-cert`;
  return {
    component: 'kube-controller-manager',
    program: '/usr/bin/kube-controller-manager',
    args: [
      ...loginFlags(`${RESOURCES}/configmaps/controller-manager-kubeconfig/kubeconfig`),
      // At a start of the whole host the API server isn't there yet; without this it exits and waits out a back-off.
      '--authentication-tolerate-lookup-failure=true',
      `--client-ca-file=${CERTS}/configmaps/client-ca/ca-bundle.crt`,
      '--use-service-account-credentials=true',
      `--root-ca-file=${RESOURCES}/configmaps/serviceaccount-ca/ca-bundle.crt`,
      `--service-account-private-key-file=${RESOURCES}/secrets/service-account-private-key/service-account.key`,
      `--cluster-signing-cert-file=${signer}/tls.crt`,
      `--cluster-signing-key-file=${signer}/tls.key`,
      '--cluster-signing-duration=720h',
      `--cluster-name=${infraID}`,
      '--allocate-node-cidrs=false',
      `--cluster-cidr=${CLUSTER_NETWORK}`,
      `--service-cluster-ip-range=${SERVICE_NETWORK}`,
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--kube-api-qps=150',
      '--kube-api-burst=300',
      `--tls-cert-file=${serving}/tls.crt`,
      `--tls-private-key-file=${serving}/tls.key`,
      '--port=0',
      ...LEADER_ELECTION,
    ],
    probe: { port: 10257, scheme: 'HTTPS', ready: '/healthz', live: '/healthz' },
    mounts: operandMounts('kube-controller-manager'),
  };
}

export function schedulerPlan(): PodPlan {
  const serving = `${RESOURCES}/secrets/serving-cert`;
  return {
    component: 'kube-scheduler',
    program: '/usr/bin/kube-scheduler',
    args: [
      ...loginFlags(`${RESOURCES}/configmaps/scheduler-kubeconfig/kubeconfig`),
      `--tls-cert-file=${serving}/tls.crt`,
      `--tls-private-key-file=${serving}/tls.key`,
      '--port=0',
      ...LEADER_ELECTION,
    ],
    probe: { port: 10259, scheme: 'HTTPS', ready: '/healthz', live: '/healthz' },
    mounts: operandMounts('kube-scheduler'),
  };
}

const loginFlags = (kubeconfig: string): string[] =>
  ['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'].map(
    (flag) => `${flag}=${kubeconfig}`,
  );

const operandMounts = (component: Component): Mount[] => [
  { name: 'resource-dir', host: `${STATIC_POD_RESOURCES}/${component}-pod-${REVISION}`, inside: RESOURCES },
  { name: 'cert-dir', host: `${STATIC_POD_RESOURCES}/${component}-certs`, inside: CERTS },
];
