import { defineAsset } from '../../asset.ts';
import { caBundleAsset, newAdminClient, signerAsset } from './certificates.ts';

/** The signers whose keys go into the config ISO, so that a kubeconfig is valid before the cluster runs. */

export const loadBalancerSigner = signerAsset(
  'kube-apiserver-lb-signer',
  '*tls.KubeAPIServerLBSignerCertKey',
);

export const localhostSigner = signerAsset(
  'kube-apiserver-localhost-signer',
  '*tls.KubeAPIServerLocalhostSignerCertKey',
);

export const serviceNetworkSigner = signerAsset(
  'kube-apiserver-service-network-signer',
  '*tls.KubeAPIServerServiceNetworkSignerCertKey',
);

/** Its key never leaves the state file: the ISO has the certificate only. */
export const adminKubeconfigSigner = signerAsset(
  'admin-kubeconfig-signer',
  '*tls.AdminKubeConfigSignerCertKey',
);

export const adminKubeconfigClient = defineAsset({
  name: 'Certificate (admin-kubeconfig-client)',
  stateKey: '*tls.AdminKubeConfigClientCertKey',
  inputs: { signer: adminKubeconfigSigner },
  generate: ({ signer }, context) => newAdminClient(signer, context),
});

export const localhostBundle = caBundleAsset(
  'kube-apiserver-localhost-ca-bundle',
  '*tls.KubeAPIServerLocalhostCABundle',
  localhostSigner,
);

export const serviceNetworkBundle = caBundleAsset(
  'kube-apiserver-service-network-ca-bundle',
  '*tls.KubeAPIServerServiceNetworkCABundle',
  serviceNetworkSigner,
);

export const loadBalancerBundle = caBundleAsset(
  'kube-apiserver-lb-ca-bundle',
  '*tls.KubeAPIServerLBCABundle',
  loadBalancerSigner,
);
