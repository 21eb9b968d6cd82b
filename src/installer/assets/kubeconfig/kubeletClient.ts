import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { kubeAPIServerCompleteCABundle } from '../tls/bundles.ts';
import { kubeletClientCertKey } from '../tls/clientCertificates.ts';
import { internalApiUrl, newKubeconfig } from './kubeconfig.ts';

/** With it a new machine's kubelet asks for a certificate of its own. */
export const kubeletClient = defineAsset({
  name: 'Kubeconfig Kubelet',
  stateKey: '*kubeconfig.Kubelet',
  inputs: { bundle: kubeAPIServerCompleteCABundle, client: kubeletClientCertKey, installConfig },
  generate: ({ bundle, client, installConfig: { config } }) =>
    newKubeconfig({
      path: 'auth/kubeconfig-kubelet',
      server: internalApiUrl(clusterDomainOf(config)),
      bundle,
      client,
      clusterName: config.metadata.name,
      user: 'kubelet',
    }),
});
