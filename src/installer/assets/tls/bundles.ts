import { defineAsset } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { caBundle } from './certificateAssets.ts';
import type { CertificateBundle } from './certificates.ts';
import {
  adminKubeconfigSigner,
  aggregatorSignerCertKey,
  kubeAPIServerToKubeletSignerCertKey,
  kubeControlPlaneSignerCertKey,
  kubeletBootstrapCertSigner,
  kubeletCSRSignerCertKey,
  loadBalancerSigner,
  localhostSigner,
  serviceNetworkSigner,
} from './signers.ts';

/** Whom the parts of a new cluster and its clients trust (spec/installer/04.4). */

export const adminKubeConfigCABundle = caBundle(
  'admin-kubeconfig-ca-bundle',
  '*tls.AdminKubeConfigCABundle',
  adminKubeconfigSigner,
);

export const aggregatorCABundle = caBundle(
  'aggregator-ca-bundle',
  '*tls.AggregatorCABundle',
  aggregatorSignerCertKey,
);

export const kubeAPIServerToKubeletCABundle = caBundle(
  'kube-apiserver-to-kubelet-ca-bundle',
  '*tls.KubeAPIServerToKubeletCABundle',
  kubeAPIServerToKubeletSignerCertKey,
);

export const localhostBundle = caBundle(
  'kube-apiserver-localhost-ca-bundle',
  '*tls.KubeAPIServerLocalhostCABundle',
  localhostSigner,
);

export const serviceNetworkBundle = caBundle(
  'kube-apiserver-service-network-ca-bundle',
  '*tls.KubeAPIServerServiceNetworkCABundle',
  serviceNetworkSigner,
);

export const loadBalancerBundle = caBundle(
  'kube-apiserver-lb-ca-bundle',
  '*tls.KubeAPIServerLBCABundle',
  loadBalancerSigner,
);

/** What a client must trust to reach the API by any of its names. */
export const kubeAPIServerCompleteCABundle = caBundle(
  'kube-apiserver-complete-server-ca-bundle',
  '*tls.KubeAPIServerCompleteCABundle',
  localhostBundle,
  serviceNetworkBundle,
  loadBalancerBundle,
);

export const kubeControlPlaneCABundle = caBundle(
  'kube-control-plane-ca-bundle',
  '*tls.KubeControlPlaneCABundle',
  kubeControlPlaneSignerCertKey,
  loadBalancerSigner,
  localhostSigner,
  serviceNetworkSigner,
);

export const kubeletClientCABundle = caBundle(
  'kubelet-client-ca-bundle',
  '*tls.KubeletClientCABundle',
  kubeletCSRSignerCertKey,
);

export const kubeletServingCABundle = caBundle(
  'kubelet-serving-ca-bundle',
  '*tls.KubeletServingCABundle',
  kubeletCSRSignerCertKey,
);

export const kubeletBootstrapCABundle = caBundle(
  'kubelet-bootstrap-kubeconfig-ca-bundle',
  '*tls.KubeletBootstrapCABundle',
  kubeletBootstrapCertSigner,
);

/** Whose clients the API server lets in. */
export const kubeAPIServerCompleteClientCABundle = caBundle(
  'kube-apiserver-complete-client-ca-bundle',
  '*tls.KubeAPIServerCompleteClientCABundle',
  adminKubeConfigCABundle,
  kubeletClientCABundle,
  kubeControlPlaneCABundle,
  kubeAPIServerToKubeletCABundle,
  kubeletBootstrapCABundle,
);

/** Upstream fills it in secret regions of AWS only, and no platform of ours has a cloud with an authority of its own. */
export const cloudProviderCABundle = defineAsset({
  name: 'Cloud Provider CA Bundle',
  stateKey: '*tls.CloudProviderCABundle',
  inputs: { installConfig },
  generate: (): CertificateBundle => ({ BundleRaw: '', FileList: [] }),
});
