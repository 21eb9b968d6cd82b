import type { KubeObject } from './kubeObject.ts';
import type { PlatformNamespace } from './namespaces.ts';

/** Service accounts with a token Secret of a fixed name, which components and installer pods read. */
const WITH_NAMED_TOKEN: readonly (readonly [PlatformNamespace, string])[] = [
  ['openshift-kube-apiserver', 'localhost-recovery-client'],
  ['openshift-kube-controller-manager', 'localhost-recovery-client'],
  ['openshift-kube-scheduler', 'localhost-recovery-client'],
  ['openshift-machine-config-operator', 'node-bootstrapper'],
];

const ACCOUNTS: readonly (readonly [PlatformNamespace | 'kube-system', string])[] = [
  ...WITH_NAMED_TOKEN,
  ['kube-system', 'kube-proxy'],
  ['openshift-dns', 'dns'],
  ['openshift-kube-apiserver', 'installer-sa'],
  ['openshift-kube-controller-manager', 'installer-sa'],
  ['openshift-kube-scheduler', 'installer-sa'],
  ['openshift-lifecycle-agent', 'lifecycle-agent-controller-manager'],
  ['openshift-monitoring', 'prometheus-k8s'],
];

/** Service accounts, their named tokens (the controller manager fills and signs them) and who may do what. */
export const accounts = (): KubeObject[] => [
  ...ACCOUNTS.map(([namespace, name]) => serviceAccount(namespace, name)),
  ...WITH_NAMED_TOKEN.map(([namespace, name]) => tokenSecret(namespace, name)),
  // logs, exec and proxy: the API server calls the kubelet with its own client certificate.
  clusterRoleBinding('kube-apiserver-kubelet', 'system:kubelet-api-admin', {
    kind: 'User',
    name: 'system:kube-apiserver',
    apiGroup: 'rbac.authorization.k8s.io',
  }),
  clusterRoleBinding('kube-proxy', 'system:node-proxier', account('kube-system', 'kube-proxy')),
  ...(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).map((component) =>
    clusterRoleBinding(
      `system:openshift:operator:${component}-recovery`,
      'cluster-admin',
      account(`openshift-${component}`, 'localhost-recovery-client'),
    ),
  ),
  clusterRoleBinding(
    'system-bootstrap-node-bootstrapper',
    'system:node-bootstrapper',
    account('openshift-machine-config-operator', 'node-bootstrapper'),
  ),
  clusterRoleBinding(
    'lifecycle-agent',
    'cluster-admin',
    account('openshift-lifecycle-agent', 'lifecycle-agent-controller-manager'),
  ),
];

function serviceAccount(namespace: string, name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

function tokenSecret(namespace: string, name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `${name}-token`,
      namespace,
      annotations: { 'kubernetes.io/service-account.name': name },
    },
    type: 'kubernetes.io/service-account-token',
  };
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

function clusterRoleBinding(name: string, role: string, subject: Subject): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}
