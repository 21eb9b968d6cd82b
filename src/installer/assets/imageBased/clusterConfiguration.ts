import type { ImageBasedConfig } from '#api/imageBasedConfig.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import {
  renderSeedReconfiguration,
  SEED_RECONFIGURATION_VERSION,
  type SeedReconfiguration,
  type TrustBundleConfiguration,
} from '#api/seedReconfiguration.ts';
import { Failure } from '#base/failure.ts';
import { defineAsset, type StateFileEntry, stateFileEntry, type ValuesOf } from '../../asset.ts';
import { configImageClusterId } from '../installConfig/clusterId.ts';
import { kubeadminPassword } from '../kubeadminPassword.ts';
import { certificatePem, commonNameOf, keyPem } from '../tls/certificates.ts';
import {
  adminKubeconfigSigner,
  loadBalancerSigner,
  localhostSigner,
  serviceNetworkSigner,
} from '../tls/signers.ts';
import { ingressSigner } from './apiServerTrust.ts';
import { imageBasedConfig } from './imageBasedConfig.ts';
import { configImageInstallConfig } from './installConfig.ts';
import { renderNetworkConfig } from './networkConfig.ts';

const PATH = 'cluster-configuration/manifest.json';
const DEFAULT_CLUSTER_NAME = 'imagebased-sno-cluster';

const inputs = {
  installConfig: configImageInstallConfig,
  clusterId: configImageClusterId,
  loadBalancerSigner,
  localhostSigner,
  serviceNetworkSigner,
  adminKubeconfigSigner,
  ingressSigner,
  kubeadminPassword,
  imageBasedConfig,
};

/** What the host is to become: the SeedReconfiguration of the config ISO (spec/installer/09.5). */
export const clusterConfiguration = defineAsset({
  name: 'Image-based installer cluster configuration',
  stateKey: '*configimage.ClusterConfiguration',
  inputs,
  generate(values): { readonly File: StateFileEntry } {
    const config = values.installConfig?.config;
    const site = values.imageBasedConfig.config;
    if (config === undefined || site === undefined) {
      throw new Failure({
        code: 'installer/input-missing',
        message: 'missing configuration or manifest file',
        hint: 'put install-config.yaml and image-based-config.yaml into the directory; "image-based create config-template" makes a sample of the second',
      });
    }
    return { File: stateFileEntry(PATH, renderSeedReconfiguration(reconfigurationOf(config, site, values))) };
  },
});

function reconfigurationOf(
  config: InstallConfig,
  site: ImageBasedConfig,
  values: ValuesOf<typeof inputs>,
): SeedReconfiguration {
  return {
    api_version: SEED_RECONFIGURATION_VERSION,
    base_domain: config.baseDomain,
    cluster_name: config.metadata.name === '' ? DEFAULT_CLUSTER_NAME : config.metadata.name,
    cluster_id: site.cluster_id === '' ? values.clusterId.UUID : site.cluster_id,
    infra_id: site.infra_id === '' ? values.clusterId.InfraID : site.infra_id,
    node_ips: [],
    release_registry: site.releaseRegistry,
    hostname: site.hostname,
    KubeconfigCryptoRetention: {
      KubeAPICrypto: {
        ServingCrypto: {
          localhost_signer_private_key: keyPem(values.localhostSigner),
          service_network_signer_private_key: keyPem(values.serviceNetworkSigner),
          loadbalancer_external_signer_private_key: keyPem(values.loadBalancerSigner),
        },
        ClientAuthCrypto: { admin_ca_certificate: certificatePem(values.adminKubeconfigSigner) },
      },
      IngresssCrypto: {
        ingress_ca: keyPem(values.ingressSigner),
        ingress_certificate_cn: commonNameOf(values.ingressSigner),
      },
    },
    ssh_key: config.sshKey,
    server_ssh_keys: [],
    kubeadmin_password_hash: Buffer.from(values.kubeadminPassword.PasswordHash, 'base64').toString('ascii'),
    raw_nm_state_config: renderNetworkConfig(site.networkConfig),
    pull_secret: config.pullSecret,
    machine_networks: config.networking?.machineNetwork.map(({ cidr }) => cidr) ?? [],
    ...(config.proxy && { proxy: config.proxy }),
    install_config: '',
    chrony_config: renderChronyConfig(site.additionalNTPSources),
    additionalTrustBundle: trustBundleOf(config),
    node_labels: site.nodeLabels,
  };
}

const renderChronyConfig = (sources: readonly string[]): string =>
  sources.length === 0
    ? ''
    : [
        '',
        'pool 0.rhel.pool.ntp.org iburst',
        'driftfile /var/lib/chrony/drift',
        'makestep 1.0 3',
        'rtcsync',
        'logdir /var/log/chrony',
        ...sources.map((source) => `server ${source} iburst`),
      ].join('\n');

/** The proxy trusts the bundle too if the policy says always, or if there is a proxy; no policy means Proxyonly. */
function trustBundleOf(config: InstallConfig): TrustBundleConfiguration {
  const bundle = config.additionalTrustBundle;
  const isForProxy = config.additionalTrustBundlePolicy === 'Always' || config.proxy !== undefined;
  const hasProxyBundle = bundle !== '' && isForProxy;
  return {
    userCaBundle: bundle,
    proxyConfigmapName: hasProxyBundle ? 'user-ca-bundle' : '',
    proxyConfigmapBundle: hasProxyBundle ? bundle : '',
  };
}
