import { defineAsset } from '../../asset.ts';
import { completeServerCaBundle } from '../imageBased/apiServerTrust.ts';
import { configImageInstallConfig, requireInstallConfig } from '../imageBased/installConfig.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';
import { externalApiUrl, kubeconfigFiles, newAdminKubeconfig } from './kubeconfig.ts';

/** The administrator's kubeconfig; it works from the moment the cluster answers. */
export const imageBasedAdminKubeconfig = defineAsset({
  name: 'Image-based kubeconfig admin client',
  stateKey: '*kubeconfig.ImageBasedAdminClient',
  inputs: {
    client: adminKubeconfigClient,
    bundle: completeServerCaBundle,
    installConfig: configImageInstallConfig,
  },
  generate: ({ client, bundle, installConfig }) =>
    newAdminKubeconfig(requireInstallConfig(installConfig), { client, bundle }, externalApiUrl),
  files: kubeconfigFiles,
});
