import type { InstallConfig } from '#api/installConfig.ts';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { info } from '#base/logger.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { profileOf } from '../machines/bareMetalHost.ts';
import { mcsCertKey } from '../tls/serverCertificates.ts';
import { rootCA } from '../tls/signers.ts';
import { bootkubeManifests } from './bootkubeManifests.ts';
import {
  cvoOverridesTemplate,
  kubeCloudConfigTemplate,
  machineConfigServerCaConfigMapTemplate,
  machineConfigServerCaSecretTemplate,
  machineConfigServerTlsSecretTemplate,
  pullSecretTemplate,
  rootCaConfigMapTemplate,
} from './bootkubeTemplates.ts';
import { clusterCsiDriverConfig } from './cloudManifests.ts';
import { dnsManifest } from './dnsManifest.ts';
import { imageContentSourcePolicy } from './imageContentSourcePolicy.ts';
import { imageDigestMirrorSet } from './imageDigestMirrorSet.ts';
import { infrastructureManifest } from './infrastructureManifest.ts';
import { ingressManifest } from './ingressManifest.ts';
import { machineConfigServerFacts, summaryOf } from './machineConfigServer.ts';
import { MANIFESTS_FOLDER, manifestFile, sortedByName } from './manifestFile.ts';
import { networkingManifest } from './networkingManifest.ts';
import { proxyManifest } from './proxyManifest.ts';
import { schedulerManifest } from './schedulerManifest.ts';

const CLUSTER_CONFIG = 'cluster-config.yaml';

const inputs = {
  clusterId,
  installConfig,
  ingressManifest,
  dnsManifest,
  infrastructureManifest,
  networkingManifest,
  proxyManifest,
  schedulerManifest,
  imageContentSourcePolicy,
  clusterCsiDriverConfig,
  imageDigestMirrorSet,
  rootCA,
  mcsCertKey,
  cvoOverridesTemplate,
  kubeCloudConfigTemplate,
  rootCaConfigMapTemplate,
  machineConfigServerCaSecretTemplate,
  machineConfigServerCaConfigMapTemplate,
  machineConfigServerTlsSecretTemplate,
  pullSecretTemplate,
};

/** Everything in `manifests/`, with what the user adds there (spec/installer/05.2). */
export const commonManifests = defineAsset<FileListValue, typeof inputs>({
  name: 'Common Manifests',
  stateKey: '*manifests.Manifests',
  inputs,
  source: {
    path: `${MANIFESTS_FOLDER}/*`,
    parse(files) {
      // Other files alone are additions that wait for "create manifests", not manifests of a cluster.
      if (!files.some(({ path }) => path === `${MANIFESTS_FOLDER}/${CLUSTER_CONFIG}`)) return undefined;
      const found = files.map(({ path, content }) => stateFileEntry(path, content));
      return { value: { FileList: sortedByName(found) }, warnings: [] };
    },
  },
  generate(values, { logger }) {
    const machineConfigServer = machineConfigServerFacts(values.rootCA, values.mcsCertKey);
    const { ca, server } = machineConfigServer;
    info(logger, `Successfully populated MCS CA cert information: ${summaryOf(ca)}`);
    info(logger, `Successfully populated MCS TLS cert information: ${summaryOf(server)}`);
    const { config } = values.installConfig;
    const bootkube = bootkubeManifests(
      { config, clusterId: values.clusterId.UUID, rootCa: values.rootCA, machineConfigServer },
      {
        cvoOverrides: values.cvoOverridesTemplate,
        kubeCloudConfig: values.kubeCloudConfigTemplate,
        rootCaConfigMap: values.rootCaConfigMapTemplate,
        machineConfigServerCaSecret: values.machineConfigServerCaSecretTemplate,
        machineConfigServerCaConfigMap: values.machineConfigServerCaConfigMapTemplate,
        machineConfigServerTlsSecret: values.machineConfigServerTlsSecretTemplate,
        pullSecret: values.pullSecretTemplate,
      },
    );
    const ofAssets = [
      values.ingressManifest,
      values.dnsManifest,
      values.networkingManifest,
      values.infrastructureManifest,
      values.proxyManifest,
      values.schedulerManifest,
      values.imageContentSourcePolicy,
      values.clusterCsiDriverConfig,
      values.imageDigestMirrorSet,
    ].flatMap(({ FileList }) => FileList);
    return { FileList: sortedByName([clusterConfigFile(config), ...bootkube, ...ofAssets]) };
  },
  files: fileListFiles,
});

/** What the cluster was made of, for operators and for people. The pull secret has a Secret of its own. */
const clusterConfigFile = (config: InstallConfig): StateFileEntry =>
  manifestFile(CLUSTER_CONFIG, {
    apiVersion: 'v1',
    data: { 'install-config': renderInstallConfig(publicConfig(config)) },
    kind: 'ConfigMap',
    metadata: {
      annotations: {
        'kubernetes.io/description':
          'The install-config that the cluster was created with. It is not kept up to date: what the cluster is like now stands in its own configuration resources.',
      },
      name: 'cluster-config-v1',
      namespace: 'kube-system',
    },
  });

/** Hosts are described as the objects that were made of them. */
function publicConfig(config: InstallConfig): InstallConfig {
  const { baremetal } = config.platform;
  const hosts = baremetal?.hosts?.map((host) => ({ ...host, hardwareProfile: profileOf(host) }));
  return {
    ...config,
    platform: {
      ...config.platform,
      ...(baremetal && { baremetal: { ...baremetal, ...(hosts && { hosts }) } }),
    },
    pullSecret: '',
  };
}
