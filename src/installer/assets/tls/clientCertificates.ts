import { clusterLeaf, permanentLeaf } from './certificateAssets.ts';
import {
  adminKubeconfigSigner,
  aggregatorCA,
  aggregatorSignerCertKey,
  kubeAPIServerToKubeletSignerCertKey,
  kubeControlPlaneSignerCertKey,
  kubeletBootstrapCertSigner,
} from './signers.ts';

/** The certificates with which the parts of a new cluster and its administrator log in (spec/installer/04.3). */

const ADMINISTRATOR = { commonName: 'system:admin', organization: ['system:masters'] };
const API_SERVER = { commonName: 'system:kube-apiserver', organization: ['kube-master'] };
const AGGREGATOR = { commonName: 'system:kube-apiserver-proxy', organization: ['kube-master'] };

export const adminKubeconfigClient = permanentLeaf({
  base: 'admin-kubeconfig-client',
  stateKey: '*tls.AdminKubeConfigClientCertKey',
  signer: adminKubeconfigSigner,
  subject: ADMINISTRATOR,
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
  isLoadable: true,
});

export const apiServerProxyCertKey = clusterLeaf({
  base: 'apiserver-proxy',
  name: 'Certificate (system:kube-apiserver-proxy)',
  stateKey: '*tls.APIServerProxyCertKey',
  signer: aggregatorCA,
  subject: AGGREGATOR,
  extendedKeyUsage: ['clientAuth'],
  lifetime: 'day',
});

export const aggregatorClientCertKey = clusterLeaf({
  base: 'aggregator-client',
  name: 'Certificate (system:kube-apiserver-proxy)',
  stateKey: '*tls.AggregatorClientCertKey',
  signer: aggregatorSignerCertKey,
  subject: AGGREGATOR,
  extendedKeyUsage: ['clientAuth'],
  lifetime: 'day',
});

export const kubeAPIServerToKubeletClientCertKey = clusterLeaf({
  base: 'kube-apiserver-to-kubelet-client',
  stateKey: '*tls.KubeAPIServerToKubeletClientCertKey',
  signer: kubeAPIServerToKubeletSignerCertKey,
  subject: API_SERVER,
  extendedKeyUsage: ['clientAuth'],
  lifetime: 'year',
});

export const kubeControlPlaneKubeControllerManagerClientCertKey = clusterLeaf({
  base: 'kube-control-plane-kube-controller-manager-client',
  stateKey: '*tls.KubeControlPlaneKubeControllerManagerClientCertKey',
  signer: kubeControlPlaneSignerCertKey,
  subject: ADMINISTRATOR,
  extendedKeyUsage: ['clientAuth'],
  lifetime: 'year',
});

export const kubeControlPlaneKubeSchedulerClientCertKey = clusterLeaf({
  base: 'kube-control-plane-kube-scheduler-client',
  stateKey: '*tls.KubeControlPlaneKubeSchedulerClientCertKey',
  signer: kubeControlPlaneSignerCertKey,
  subject: ADMINISTRATOR,
  extendedKeyUsage: ['clientAuth'],
  lifetime: 'year',
});

/** With this one a new machine's kubelet asks for its own certificate. */
export const kubeletClientCertKey = permanentLeaf({
  base: 'kubelet-client',
  stateKey: '*tls.KubeletClientCertKey',
  signer: kubeletBootstrapCertSigner,
  subject: {
    commonName: 'system:serviceaccount:openshift-machine-config-operator:node-bootstrapper',
    organization: ['system:serviceaccounts:openshift-machine-config-operator', 'system:serviceaccounts'],
  },
  extendedKeyUsage: ['clientAuth'],
});
