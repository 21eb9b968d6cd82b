import { ADDRESS_FILES, ADDRESS_RULES } from './address.ts';
import { APISERVER_URL, APISERVER_URL_FILE } from './apiserverUrl.ts';
import { CERT_MANAGER } from './certManager.ts';
import { CLUSTER_CONFIG_RULES } from './clusterConfig.ts';
import { CONSOLE_RULES } from './console.ts';
import { CONTROLLER_MANAGER_POD, CONTROLLER_MANAGER_POD_FILE } from './controllerManagerPod.ts';
import { KUBEADMIN, PULL_SECRET, PULL_SECRET_CARRIED, PULL_SECRET_FILE } from './credentials.ts';
import { STALE_OBJECTS } from './deletions.ts';
import { ENCRYPTION_FILE, ENCRYPTION_RULES } from './encryption.ts';
import { ETCD_CERTIFICATE_FILES, HOSTNAME_FILES, HOSTNAME_RULES } from './hostname.ts';
import { INGRESS_RULES } from './ingress.ts';
import { INSTALL_CONFIG_NAME, INSTALL_CONFIG_TEXT, MACHINE_NETWORKS } from './installConfig.ts';
import { KUBECONFIG_FILES, KUBECONFIG_OBJECTS } from './kubeconfigs.ts';
import { LOAD_BALANCER_CERTIFICATES } from './loadBalancerCertificates.ts';
import { MONITORING } from './monitoring.ts';
import { CHRONY, CHRONY_FILE, PROXY_ENVIRONMENT, PROXY_ENVIRONMENT_FILE } from './nodeSettings.ts';
import { OAUTH_METADATA_FILE, OAUTH_RULES } from './oauth.ts';
import { OPERATOR_CONFIG_FILES, OPERATOR_CONFIGS } from './operatorConfigs.ts';
import { CLUSTER_VERSION, DEPENDENCY_HASHES, OLM_CA_HASH } from './operatorHashes.ts';
import { OVNKUBE_CONFIG } from './ovnkube.ts';
import { PROXY_POD_FILES, PROXY_RULES } from './proxy.ts';
import { ROUTER_CERTIFICATES } from './routerCertificates.ts';
import type { DeletionRule, FileRenameRule, FileRule, ObjectRule } from './rule.ts';
import { MACHINE_CONFIG_SERVER, SERVICE_HOST_RULE } from './serviceHost.ts';
import { SPEC_HASHES } from './specHashes.ts';
import { TRUST_BUNDLE_FILES, TRUST_BUNDLE_RULES } from './trustBundles.ts';
import { WEBHOOK_AUTHENTICATORS } from './webhookAuthenticators.ts';

/** Everything that is done besides keys and certificates, in the order of spec recert 8. Deletions come first. */
export const RULES: {
  readonly deletions: readonly DeletionRule[];
  readonly objects: readonly ObjectRule[];
  readonly files: readonly FileRule[];
  readonly fileNames: readonly FileRenameRule[];
  /** Hashes over what the others did. */
  readonly last: readonly ObjectRule[];
} = {
  deletions: STALE_OBJECTS,
  files: [
    ADDRESS_FILES,
    KUBECONFIG_FILES,
    APISERVER_URL.files,
    APISERVER_URL_FILE,
    CONTROLLER_MANAGER_POD_FILE,
    ...OPERATOR_CONFIG_FILES,
    OAUTH_METADATA_FILE,
    ...HOSTNAME_FILES,
    PROXY_ENVIRONMENT.files,
    PROXY_ENVIRONMENT_FILE,
    PROXY_POD_FILES,
    PULL_SECRET_CARRIED.files,
    PULL_SECRET_FILE,
    ...TRUST_BUNDLE_FILES,
    CHRONY.files,
    CHRONY_FILE,
    ENCRYPTION_FILE,
  ],
  fileNames: [ETCD_CERTIFICATE_FILES],
  objects: [
    OLM_CA_HASH,
    WEBHOOK_AUTHENTICATORS,
    ...ADDRESS_RULES,
    ROUTER_CERTIFICATES,
    ...INGRESS_RULES,
    ...LOAD_BALANCER_CERTIFICATES,
    APISERVER_URL.objects,
    ...OPERATOR_CONFIGS,
    CONTROLLER_MANAGER_POD,
    ...OAUTH_RULES,
    ...CONSOLE_RULES,
    ...CLUSTER_CONFIG_RULES,
    MONITORING,
    KUBECONFIG_OBJECTS,
    OVNKUBE_CONFIG,
    INSTALL_CONFIG_NAME,
    SERVICE_HOST_RULE,
    MACHINE_CONFIG_SERVER,
    ...HOSTNAME_RULES,
    KUBEADMIN,
    ...PROXY_RULES,
    PROXY_ENVIRONMENT.objects,
    INSTALL_CONFIG_TEXT,
    PULL_SECRET,
    PULL_SECRET_CARRIED.objects,
    ...TRUST_BUNDLE_RULES,
    MACHINE_NETWORKS,
    CHRONY.objects,
    CERT_MANAGER,
    ...ENCRYPTION_RULES,
  ],
  last: [CLUSTER_VERSION, DEPENDENCY_HASHES, ...SPEC_HASHES],
};
