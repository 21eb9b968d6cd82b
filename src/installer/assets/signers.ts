import { defineAsset } from '../asset.ts';
import {
  caBundleAsset,
  joinBundles,
  newAdminClient,
  newSigner,
  signerAsset,
  TWO_YEARS,
} from './certificates.ts';
import { installConfig } from './installConfig.ts';

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

/** It depends on the install-config only because upstream's does: a changed one makes a new signer. */
export const ingressSigner = defineAsset({
  name: 'Certificate (ingress-operator-signer)',
  stateKey: '*configimage.IngressOperatorSignerCertKey',
  inputs: { installConfig },
  generate: (_, context) =>
    newSigner(
      { commonName: `ingress-operator@${Math.floor(context.now.getTime() / 1000)}` },
      TWO_YEARS,
      context,
    ),
});

export const adminKubeconfigClient = defineAsset({
  name: 'Certificate (admin-kubeconfig-client)',
  stateKey: '*tls.AdminKubeConfigClientCertKey',
  inputs: { signer: adminKubeconfigSigner },
  generate: ({ signer }, context) => newAdminClient(signer, context),
});

const localhostBundle = caBundleAsset(
  'kube-apiserver-localhost-ca-bundle',
  '*tls.KubeAPIServerLocalhostCABundle',
  localhostSigner,
);

const serviceNetworkBundle = caBundleAsset(
  'kube-apiserver-service-network-ca-bundle',
  '*tls.KubeAPIServerServiceNetworkCABundle',
  serviceNetworkSigner,
);

const loadBalancerBundle = caBundleAsset(
  'kube-apiserver-lb-ca-bundle',
  '*tls.KubeAPIServerLBCABundle',
  loadBalancerSigner,
);

const ingressBundle = caBundleAsset(
  'ingress-operator-ca-bundle',
  '*configimage.IngressOperatorCABundle',
  ingressSigner,
);

/** What a client must trust to reach the cluster's API by any of its names, and its routes. */
export const completeServerCaBundle = defineAsset({
  name: 'Certificate (kube-apiserver-complete-server-ca-bundle)',
  stateKey: '*configimage.ImageBasedKubeAPIServerCompleteCABundle',
  inputs: { localhostBundle, serviceNetworkBundle, loadBalancerBundle, ingressBundle },
  generate: (inputs) =>
    joinBundles(
      inputs.localhostBundle,
      inputs.serviceNetworkBundle,
      inputs.loadBalancerBundle,
      inputs.ingressBundle,
    ),
});
