import type { SeedPki } from './pki.ts';
import type { SignerName } from './signers.ts';

/** Which signers each CA bundle of the cluster holds, in order. */
const BUNDLES = {
  /** Who may present a client certificate to the API server. */
  client: [
    'admin-kubeconfig-signer',
    'csr-signer',
    'csr-signer-signer',
    'kube-apiserver-to-kubelet-signer',
    'kube-control-plane-signer',
    'kubelet-bootstrap-kubeconfig-signer',
    'node-system-admin-signer',
  ],
  /** Who vouches for the API server. */
  server: [
    'kube-apiserver-lb-signer',
    'kube-apiserver-localhost-signer',
    'kube-apiserver-service-network-signer',
    'localhost-recovery-serving-signer',
  ],
  /** What service accounts trust. */
  serviceAccount: [
    'kube-apiserver-lb-signer',
    'kube-apiserver-localhost-signer',
    'kube-apiserver-service-network-signer',
    'localhost-recovery-serving-signer',
    'ingress-operator',
  ],
  kubeletServing: ['csr-signer', 'csr-signer-signer'],
  aggregator: ['aggregator-client-signer'],
  etcd: ['etcd-signer'],
  etcdMetric: ['etcd-metric-signer'],
  serviceServing: ['service-serving-signer'],
  ingress: ['ingress-operator'],
  admin: ['admin-kubeconfig-signer'],
  root: ['root-ca'],
} as const satisfies Record<string, readonly SignerName[]>;

export type BundleName = keyof typeof BUNDLES;

/** The PEM text of a CA bundle. */
export function bundle(pki: SeedPki, name: BundleName): string {
  return BUNDLES[name].map((signer) => pki.signers[signer].certificate).join('');
}

export const externalBundle = (pki: SeedPki): string => pki.externalRoots.join('');
