import { defineAsset } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { kubeAPIServerCompleteCABundle } from '../tls/bundles.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';
import { internalApiUrl, newAdminKubeconfig } from './kubeconfig.ts';

/** The administrator's kubeconfig for the bootstrap machine, which may not be able to resolve the external name. */
export const adminInternalClient = defineAsset({
  name: 'Kubeconfig Admin Internal Client',
  stateKey: '*kubeconfig.AdminInternalClient',
  inputs: { client: adminKubeconfigClient, bundle: kubeAPIServerCompleteCABundle, installConfig },
  generate: ({ client, bundle, installConfig: { config } }) =>
    newAdminKubeconfig(config, { client, bundle }, internalApiUrl),
});
