import { isNodeObject, NODE_OBJECTS } from '#api/nodeObjects.ts';
import type { RecertConfig } from '#api/recertConfig.ts';
import type { SeedClusterInfo } from '#api/seedClusterInfo.ts';
import type { KubeconfigCryptoRetention, SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { domainOf } from './clusterNames.ts';
import type { Manifest } from './manifests.ts';
import { KUBECONFIG_CRYPTO, RECERT_JOURNAL, RECERT_SUMMARY } from './paths.ts';
import { type ClusterProxy, renderRecertProxy } from './proxy.ts';

/** What the new identity is made of; all of it is decided before recert runs. */
export interface Identity {
  readonly seed: SeedClusterInfo;
  readonly target: SeedReconfiguration;
  readonly hostname: string;
  readonly nodeIps: readonly string[];
  readonly proxy: ClusterProxy | undefined;
  /** File names of cert-manager's retained keys, `CN=<cn>__<namespace>_<name>.key`, with their paths. */
  readonly certManagerKeys: readonly string[];
  /** What is to be in the cluster when it starts. */
  readonly manifests: readonly Manifest[];
  /** Host keys are made anew when there are some and the target brings none. */
  readonly regenerateSshHostKeys: boolean;
  /** Which of the paths that recert works on exist: it refuses missing ones. */
  readonly existing: ReadonlySet<string>;
}

/** Directories that hold the cluster's keys and settings on the host; the original mounts them into a container. */
export const CRYPTO_DIRECTORIES = ['/var/lib/kubelet', '/etc/kubernetes', '/etc/machine-config-daemon'];
const MACHINE_CONFIG_CONTENT = '/etc/mcs-machine-config-content.json';
export const CRYPTO_FILES = [MACHINE_CONFIG_CONTENT];
export const CUSTOMIZATION_FILES = [MACHINE_CONFIG_CONTENT, '/etc/mco/proxy.env', '/etc/chrony.conf'];

/** Mirror rules and catalogs of the seed's site (lifecycle-agent 11.1, step 19b). */
const SEED_MIRRORS = ['ImageContentSourcePolicy', 'ImageDigestMirrorSet', 'CatalogSource'].map((kind) => {
  const { apiVersion, resource } = NODE_OBJECTS.get(kind)!;
  return `${apiVersion.split('/')[0]}/${resource}/`;
});

/** What is merged into an object of the cluster has to wait for its API server. */
const isPutOffline = ({ object, applyType }: Manifest): boolean =>
  isNodeObject(object) && applyType === 'replace';

/** Retained keys and certificates by the file that recert reads them from; what was not given makes no file. */
export function retainedCryptoFiles(retention: KubeconfigCryptoRetention): Map<string, string> {
  const { ServingCrypto, ClientAuthCrypto } = retention.KubeAPICrypto;
  const files: [string, string][] = [
    ['localhost-serving-signer.key', ServingCrypto.localhost_signer_private_key],
    ['service-network-serving-signer.key', ServingCrypto.service_network_signer_private_key],
    ['loadbalancer-serving-signer.key', ServingCrypto.loadbalancer_external_signer_private_key],
    ['admin-kubeconfig-client-ca.crt', ClientAuthCrypto.admin_ca_certificate],
    ['ingresskey-ingress-operator.key', retention.IngresssCrypto.ingress_ca],
  ];
  return new Map(
    files.filter(([, pem]) => pem.trim() !== '').map(([name, pem]) => [`${KUBECONFIG_CRYPTO}/${name}`, pem]),
  );
}

/**
 * recert's configuration for a first boot (lifecycle-agent 12.1), with host paths. The endpoint is left to the caller,
 * who knows it only when etcd runs.
 */
export function planRecertConfig(identity: Identity): RecertConfig {
  const { seed, target, hostname, nodeIps } = identity;
  const { userCaBundle } = target.additionalTrustBundle;
  const present = (paths: readonly string[]) => paths.filter((path) => identity.existing.has(path));
  const machineNetworks = isEqual(target.machine_networks, seed.machine_networks)
    ? []
    : target.machine_networks;
  const proxyBundle = proxyTrustedCaBundle(target);
  return {
    crypto_dirs: present(CRYPTO_DIRECTORIES),
    crypto_files: present(CRYPTO_FILES),
    cluster_customization_dirs: present(CRYPTO_DIRECTORIES),
    cluster_customization_files: present(CUSTOMIZATION_FILES),
    cluster_rename: [target.cluster_name, target.base_domain, target.infra_id]
      .filter((p) => p !== '')
      .join(':'),
    ...(hostname !== seed.sno_hostname && { hostname }),
    ...(!isEqual(nodeIps, seed.node_ips) && { ip: nodeIps }),
    ...(identity.proxy && { proxy: renderRecertProxy(identity.proxy) }),
    ...(userCaBundle !== '' && { user_ca_bundle: userCaBundle }),
    ...(proxyBundle !== undefined && { proxy_trusted_ca_bundle: proxyBundle }),
    ...(target.install_config !== '' && { install_config: target.install_config }),
    summary_file_clean: RECERT_SUMMARY,
    journal_file: RECERT_JOURNAL,
    extend_expiration: true,
    kubeadmin_password_hash: target.kubeadmin_password_hash,
    ...(target.pull_secret !== '' && { pull_secret: target.pull_secret }),
    ...(target.chrony_config !== '' && { chrony_config: target.chrony_config }),
    ...(identity.regenerateSshHostKeys && { regenerate_server_ssh_keys: '/etc/ssh' }),
    use_key_rules: useKeyRules(identity),
    use_cert_rules: [...retainedCryptoFiles(target.KubeconfigCryptoRetention).keys()].filter((path) =>
      path.endsWith('.crt'),
    ),
    cn_san_replace_rules: nameRules(identity),
    ...(machineNetworks.length > 0 && { machine_network_cidr: machineNetworks }),
    put_objects: identity.manifests.filter(isPutOffline).map(({ object }) => JSON.stringify(object)),
    delete_objects: SEED_MIRRORS,
  };
}

function proxyTrustedCaBundle({ additionalTrustBundle }: SeedReconfiguration): string | undefined {
  const { proxyConfigmapName, proxyConfigmapBundle } = additionalTrustBundle;
  if (proxyConfigmapName === '') return undefined;
  // The bundle of this ConfigMap is the user's bundle, which recert gets by its own key.
  return proxyConfigmapName === 'user-ca-bundle'
    ? `${proxyConfigmapName}:`
    : `${proxyConfigmapName}:${proxyConfigmapBundle}`;
}

/** `<CN of the certificate> <path of the key>`: recert splits at the blank, as a CN may hold no colon there. */
function useKeyRules({ seed, target, certManagerKeys }: Identity): string[] {
  const signers: [string, string][] = [
    ['kube-apiserver-lb-signer', 'loadbalancer-serving-signer.key'],
    ['kube-apiserver-localhost-signer', 'localhost-serving-signer.key'],
    ['kube-apiserver-service-network-signer', 'service-network-serving-signer.key'],
    [seed.ingress_certificate_cn, 'ingresskey-ingress-operator.key'],
  ];
  const given = retainedCryptoFiles(target.KubeconfigCryptoRetention);
  const retained = signers
    .map(([cn, file]) => ({ cn, path: `${KUBECONFIG_CRYPTO}/${file}` }))
    .filter(({ cn, path }) => cn !== '' && given.has(path))
    .map(({ cn, path }) => `${cn} ${path}`);
  const certManager = certManagerKeys.flatMap((path) => {
    const cn = /(?:^|\/)CN=([^/]+?)__[^/]*\.key$/.exec(path)?.[1];
    return cn === undefined ? [] : [`${cn} ${path}`];
  });
  return [...retained, ...certManager];
}

function nameRules({ seed, target, hostname, nodeIps }: Identity): string[] {
  const [from, to] = [domainOf(seed), domainOf(target)];
  const ingressCn = target.KubeconfigCryptoRetention.IngresssCrypto.ingress_certificate_cn;
  const pairs: [string, string][] = [
    [`system:node:${seed.sno_hostname}`, `system:node:${hostname}`],
    [seed.sno_hostname, hostname],
    [`api.${from}`, `api.${to}`],
    [`api-int.${from}`, `api-int.${to}`],
    [`*.apps.${from}`, `*.apps.${to}`],
    ...(seed.node_ips.length === nodeIps.length
      ? seed.node_ips.map((ip, index): [string, string] => [ip, nodeIps[index]!])
      : []),
    ...(ingressCn !== '' && seed.ingress_certificate_cn !== ''
      ? [[seed.ingress_certificate_cn, ingressCn] as [string, string]]
      : []),
  ];
  return pairs.map((pair) => pair.join(','));
}

const isEqual = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
