import { defineAsset } from '../../asset.ts';
import { caBundleAsset, joinBundles, newSigner, TWO_YEARS } from '../tls/certificates.ts';
import { loadBalancerBundle, localhostBundle, serviceNetworkBundle } from '../tls/signers.ts';
import { defaultedInstallConfig } from './installConfig.ts';

/** It depends on the install-config only because upstream's does: a changed one makes a new signer. */
export const ingressSigner = defineAsset({
  name: 'Certificate (ingress-operator-signer)',
  stateKey: '*configimage.IngressOperatorSignerCertKey',
  inputs: { installConfig: defaultedInstallConfig },
  generate: (_, context) =>
    newSigner(
      { commonName: `ingress-operator@${Math.floor(context.now.getTime() / 1000)}` },
      TWO_YEARS,
      context,
    ),
});

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
