import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import { completeServerCaBundle } from '../imageBased/apiServerTrust.ts';
import { configImageInstallConfig, requireInstallConfig } from '../imageBased/installConfig.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';
import { ADMIN_KUBECONFIG, externalApiUrl, kubeconfigFiles, newKubeconfig } from './kubeconfig.ts';

/** The administrator's kubeconfig; it works from the moment the cluster answers. */
export const imageBasedAdminKubeconfig = defineAsset({
  name: 'Image-based kubeconfig admin client',
  stateKey: '*kubeconfig.ImageBasedAdminClient',
  inputs: {
    client: adminKubeconfigClient,
    bundle: completeServerCaBundle,
    installConfig: configImageInstallConfig,
  },
  generate({ client, bundle, installConfig }) {
    const config = requireInstallConfig(installConfig);
    return newKubeconfig({
      path: ADMIN_KUBECONFIG,
      server: externalApiUrl(clusterDomainOf(config)),
      bundle,
      client,
      clusterName: config.metadata.name,
      user: 'admin',
    });
  },
  files: kubeconfigFiles,
});
