import { defineAsset } from '../../asset.ts';
import { loadBalancerBundle, localhostBundle, serviceNetworkBundle } from '../tls/bundles.ts';
import { caBundle } from '../tls/certificateAssets.ts';
import { newSigner, TWO_YEARS } from '../tls/issuing.ts';
import { defaultedInstallConfig } from './installConfig.ts';

/** It depends on the install-config only because upstream's does: a changed one makes a new signer. */
export const ingressSigner = defineAsset({
  name: 'Certificate (ingress-operator-signer)',
  stateKey: '*configimage.IngressOperatorSignerCertKey',
  inputs: { installConfig: defaultedInstallConfig },
  generate: (_, context) =>
    newSigner(
      {
        base: 'ingress-operator-signer',
        subject: { commonName: `ingress-operator@${Math.floor(context.now.getTime() / 1000)}` },
        validitySeconds: TWO_YEARS,
      },
      context,
    ),
});

const ingressBundle = caBundle(
  'ingress-operator-ca-bundle',
  '*configimage.IngressOperatorCABundle',
  ingressSigner,
);

/** What a client must trust to reach the cluster's API by any of its names, and its routes. */
export const completeServerCaBundle = caBundle(
  'kube-apiserver-complete-server-ca-bundle',
  '*configimage.ImageBasedKubeAPIServerCompleteCABundle',
  localhostBundle,
  serviceNetworkBundle,
  loadBalancerBundle,
  ingressBundle,
);
