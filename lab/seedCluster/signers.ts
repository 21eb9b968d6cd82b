/** The certificate authorities of a cluster, by the names that OpenShift's operators use for them. */
export type SignerName =
  | 'aggregator-client-signer'
  | 'kube-apiserver-to-kubelet-signer'
  | 'kube-control-plane-signer'
  | 'kube-apiserver-lb-signer'
  | 'kube-apiserver-localhost-signer'
  | 'kube-apiserver-service-network-signer'
  | 'localhost-recovery-serving-signer'
  | 'node-system-admin-signer'
  | 'admin-kubeconfig-signer'
  | 'kubelet-bootstrap-kubeconfig-signer'
  | 'root-ca'
  | 'csr-signer-signer'
  | 'csr-signer'
  | 'etcd-signer'
  | 'etcd-metric-signer'
  | 'ingress-operator'
  | 'service-serving-signer'
  | 'packageserver-signer';

export interface SignerSpec {
  readonly commonName: string;
  readonly organizationalUnit?: string;
  readonly organization?: string;
  readonly days: number;
  /** Absent for self-signed ones. */
  readonly signedBy?: SignerName;
  /** False: the key exists only while the cluster is made and is stored nowhere, as on OpenShift. */
  readonly keyIsKept: boolean;
}

const YEAR = 365;

/**
 * OpenShift's signers with the subjects they have on a cluster some weeks old: the installer's long-lived ones
 * (OU=openshift), and those that operators create or rotate, which carry the time in their names.
 * recert and post-pivot look for `kube-apiserver-{lb,localhost,service-network}-signer` by CN and for the ingress
 * signer by the CN that the seed recorded. `madeAt` is the time in the names.
 */
export function signerSpecs(madeAt: Date): Readonly<Record<SignerName, SignerSpec>> {
  const stamp = Math.floor(madeAt.getTime() / 1000);
  const apiserverOperator = (name: string) => `openshift-kube-apiserver-operator_${name}@${stamp}`;
  return {
    'aggregator-client-signer': ofInstaller('aggregator-client-signer', 30),
    'kube-apiserver-to-kubelet-signer': ofInstaller('kube-apiserver-to-kubelet-signer', YEAR),
    'kube-control-plane-signer': ofInstaller('kube-control-plane-signer', YEAR),
    'kube-apiserver-lb-signer': ofInstaller('kube-apiserver-lb-signer'),
    'kube-apiserver-localhost-signer': ofInstaller('kube-apiserver-localhost-signer'),
    'kube-apiserver-service-network-signer': ofInstaller('kube-apiserver-service-network-signer'),
    'localhost-recovery-serving-signer': ofOperator(apiserverOperator('localhost-recovery-serving-signer')),
    'node-system-admin-signer': ofOperator(apiserverOperator('node-system-admin-signer'), YEAR),
    'admin-kubeconfig-signer': withoutKey(ofInstaller('admin-kubeconfig-signer')),
    'kubelet-bootstrap-kubeconfig-signer': withoutKey(ofInstaller('kubelet-bootstrap-kubeconfig-signer')),
    'root-ca': withoutKey(ofInstaller('root-ca')),
    'csr-signer-signer': ofOperator(
      `openshift-kube-controller-manager-operator_csr-signer-signer@${stamp}`,
      60,
    ),
    'csr-signer': { ...ofOperator(`kube-csr-signer_@${stamp}`, 30), signedBy: 'csr-signer-signer' },
    'etcd-signer': ofInstaller('etcd-signer', 5 * YEAR),
    'etcd-metric-signer': ofInstaller('etcd-metric-signer', 5 * YEAR),
    'ingress-operator': ofOperator(`ingress-operator@${stamp}`, 2 * YEAR),
    'service-serving-signer': ofOperator(`openshift-service-serving-signer@${stamp}`, 790),
    // OLM signs its API server's certificate with an authority whose key it throws away.
    'packageserver-signer': withoutKey({
      ...ofOperator(`olm-selfsigned-${stamp.toString(16)}`, 2 * YEAR),
      organization: 'Red Hat, Inc.',
    }),
  };
}

const ofInstaller = (commonName: string, days = 10 * YEAR): SignerSpec => ({
  commonName,
  organizationalUnit: 'openshift',
  days,
  keyIsKept: true,
});

const ofOperator = (commonName: string, days = 10 * YEAR): SignerSpec => ({
  commonName,
  days,
  keyIsKept: true,
});

const withoutKey = (spec: SignerSpec): SignerSpec => ({ ...spec, keyIsKept: false });
