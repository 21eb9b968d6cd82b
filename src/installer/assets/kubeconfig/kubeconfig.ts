import type { InstallConfig } from '#api/installConfig.ts';
import { type AssetFile, assetFilesOf, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { CertificateAndKey, CertificateBundle } from '../tls/certificates.ts';

export interface KubeconfigValue {
  readonly File: StateFileEntry;
}

/** The kubeconfig of the administrator in the target directory and on the bootstrap machine. */
export const ADMIN_KUBECONFIG = 'auth/kubeconfig';

/** What kubeconfigs of the installer differ in (spec/installer/04.5). */
export interface KubeconfigParts {
  readonly path: string;
  readonly server: string;
  readonly bundle: CertificateBundle;
  readonly client: CertificateAndKey;
  readonly clusterName: string;
  /** Of the user and of the context. */
  readonly user: string;
}

/** A kubeconfig with one cluster, one user and one context. */
export function newKubeconfig(parts: KubeconfigParts): KubeconfigValue {
  const { path, server, bundle, client, clusterName, user } = parts;
  const kubeconfig = {
    clusters: [{ cluster: { 'certificate-authority-data': bundle.BundleRaw, server }, name: clusterName }],
    contexts: [{ context: { cluster: clusterName, user }, name: user }],
    'current-context': user,
    preferences: {},
    users: [
      {
        name: user,
        user: { 'client-certificate-data': client.CertRaw, 'client-key-data': client.KeyRaw },
      },
    ],
  };
  return { File: stateFileEntry(path, renderManifest(kubeconfig)) };
}

/** The kubeconfig of the cluster's administrator, with one of the two addresses of the API server. */
export function newAdminKubeconfig(
  config: InstallConfig,
  trust: Pick<KubeconfigParts, 'bundle' | 'client'>,
  apiUrl: (clusterDomain: string) => string,
): KubeconfigValue {
  return newKubeconfig({
    path: ADMIN_KUBECONFIG,
    server: apiUrl(clusterDomainOf(config)),
    ...trust,
    clusterName: config.metadata.name,
    user: 'admin',
  });
}

export const kubeconfigFiles = ({ File }: KubeconfigValue): AssetFile[] => assetFilesOf([File]);

/** The API server at its name for clients outside of the cluster. */
export const externalApiUrl = (clusterDomain: string): string => `https://api.${clusterDomain}:6443`;

/** The API server at its name for the cluster's own machines. */
export const internalApiUrl = (clusterDomain: string): string => `https://api-int.${clusterDomain}:6443`;
