import { stringify } from 'yaml';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import { completeServerCaBundle } from '../imageBased/apiServerTrust.ts';
import { configImageInstallConfig, requireInstallConfig } from '../imageBased/installConfig.ts';
import { bundlePem } from '../tls/certificates.ts';
import { adminKubeconfigClient } from '../tls/clientCertificates.ts';

const PATH = 'auth/kubeconfig';

/** The administrator's kubeconfig; it works from the moment the cluster answers (spec/installer/04.5). */
export const imageBasedAdminKubeconfig = defineAsset({
  name: 'Image-based kubeconfig admin client',
  stateKey: '*kubeconfig.ImageBasedAdminClient',
  inputs: {
    client: adminKubeconfigClient,
    bundle: completeServerCaBundle,
    installConfig: configImageInstallConfig,
  },
  generate({ client, bundle, installConfig }): { readonly File: StateFileEntry } {
    const config = requireInstallConfig(installConfig);
    const { name } = config.metadata;
    const kubeconfig = {
      clusters: [
        {
          cluster: {
            'certificate-authority-data': Buffer.from(bundlePem(bundle)).toString('base64'),
            server: `https://api.${clusterDomainOf(config)}:6443`,
          },
          name,
        },
      ],
      contexts: [{ context: { cluster: name, user: 'admin' }, name: 'admin' }],
      'current-context': 'admin',
      preferences: {},
      users: [
        {
          name: 'admin',
          user: { 'client-certificate-data': client.CertRaw, 'client-key-data': client.KeyRaw },
        },
      ],
    };
    return {
      File: stateFileEntry(PATH, stringify(kubeconfig, { version: '1.1', lineWidth: 0, indentSeq: false })),
    };
  },
  files: ({ File }) => [{ path: File.Filename, content: Buffer.from(File.Data, 'base64'), mode: 0o640 }],
});
