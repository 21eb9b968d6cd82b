import { defineAsset } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { localhostBundle } from '../tls/bundles.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';
import { newKubeconfig } from './kubeconfig.ts';

/** The administrator's kubeconfig for the machine on which the API server itself runs: it needs no name to be resolved. */
export const loopbackClient = defineAsset({
  name: 'Kubeconfig Admin Client (Loopback)',
  stateKey: '*kubeconfig.LoopbackClient',
  inputs: { client: adminKubeconfigClient, bundle: localhostBundle, installConfig },
  generate: ({ client, bundle, installConfig: { config } }) =>
    newKubeconfig({
      path: 'auth/kubeconfig-loopback',
      server: 'https://localhost:6443',
      bundle,
      client,
      clusterName: config.metadata.name,
      user: 'loopback',
    }),
});
