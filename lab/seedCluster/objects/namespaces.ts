import type { KubeObject } from './kubeObject.ts';

/** First those of the static pods: the kubelet retries their mirror pods only at a later sync (lab-chain.md, pitfall 5). */
const NAMES = [
  'openshift-etcd',
  'openshift-kube-apiserver',
  'openshift-kube-controller-manager',
  'openshift-kube-scheduler',
  'openshift',
  'openshift-apiserver',
  'openshift-apiserver-operator',
  'openshift-authentication',
  'openshift-cluster-node-tuning-operator',
  'openshift-cluster-version',
  'openshift-config',
  'openshift-config-managed',
  'openshift-console',
  'openshift-controller-manager',
  'openshift-dns',
  'openshift-etcd-operator',
  'openshift-image-registry',
  'openshift-ingress',
  'openshift-ingress-operator',
  'openshift-kube-apiserver-operator',
  'openshift-kube-controller-manager-operator',
  'openshift-kube-scheduler-operator',
  'openshift-lifecycle-agent',
  'openshift-machine-api',
  'openshift-machine-config-operator',
  'openshift-marketplace',
  'openshift-monitoring',
  'openshift-multus',
  'openshift-network-operator',
  'openshift-oauth-apiserver',
  'openshift-operator-lifecycle-manager',
  'openshift-ovn-kubernetes',
  'openshift-service-ca',
  'openshift-service-ca-operator',
] as const;

export type PlatformNamespace = (typeof NAMES)[number];

export const namespaces = (): KubeObject[] =>
  NAMES.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { 'openshift.io/cluster-monitoring': 'true' },
      annotations: { 'openshift.io/node-selector': '', 'workload.openshift.io/allowed': 'management' },
    },
  }));
