import { permanentSigner, rotatedSigner } from './certificateAssets.ts';

/** The self-signed certificate authorities of a new cluster (spec/installer/04.2). */

/** Vouches for the machine config server, which machines ask for their configuration before they know anything else. */
export const rootCA = permanentSigner({
  base: 'root-ca',
  name: 'Machine Config Server Root CA',
  stateKey: '*tls.RootCA',
});

/** A config ISO has its certificate only: its key never leaves the state file. */
export const adminKubeconfigSigner = permanentSigner({
  base: 'admin-kubeconfig-signer',
  stateKey: '*tls.AdminKubeConfigSignerCertKey',
  isLoadable: true,
});

export const aggregatorCA = rotatedSigner({
  base: 'aggregator-ca',
  commonName: 'aggregator',
  organizationalUnit: 'bootkube',
  name: 'Certificate (aggregator)',
  stateKey: '*tls.AggregatorCA',
  lifetime: 'day',
});

export const aggregatorSignerCertKey = rotatedSigner({
  base: 'aggregator-signer',
  stateKey: '*tls.AggregatorSignerCertKey',
  lifetime: 'day',
});

export const kubeAPIServerToKubeletSignerCertKey = rotatedSigner({
  base: 'kube-apiserver-to-kubelet-signer',
  stateKey: '*tls.KubeAPIServerToKubeletSignerCertKey',
  lifetime: 'year',
});

// The keys of these three go into a config ISO, so that a kubeconfig is valid before the cluster runs.

export const localhostSigner = permanentSigner({
  base: 'kube-apiserver-localhost-signer',
  stateKey: '*tls.KubeAPIServerLocalhostSignerCertKey',
  isLoadable: true,
});

export const serviceNetworkSigner = permanentSigner({
  base: 'kube-apiserver-service-network-signer',
  stateKey: '*tls.KubeAPIServerServiceNetworkSignerCertKey',
  isLoadable: true,
});

export const loadBalancerSigner = permanentSigner({
  base: 'kube-apiserver-lb-signer',
  stateKey: '*tls.KubeAPIServerLBSignerCertKey',
  isLoadable: true,
});

export const kubeControlPlaneSignerCertKey = rotatedSigner({
  base: 'kube-control-plane-signer',
  stateKey: '*tls.KubeControlPlaneSignerCertKey',
  lifetime: 'year',
});

/** Signs what kubelets ask for, as clients and as servers. */
export const kubeletCSRSignerCertKey = rotatedSigner({
  base: 'kubelet-signer',
  stateKey: '*tls.KubeletCSRSignerCertKey',
  lifetime: 'day',
});

export const kubeletBootstrapCertSigner = permanentSigner({
  base: 'kubelet-bootstrap-kubeconfig-signer',
  stateKey: '*tls.KubeletBootstrapCertSigner',
});
