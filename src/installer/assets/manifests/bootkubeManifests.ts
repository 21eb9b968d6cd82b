import type { InstallConfig } from '#api/installConfig.ts';
import { type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { RELEASE } from '../../release.ts';
import type { FileListValue } from '../fileList.ts';
import { type CertificateAndKey, certificatePem } from '../tls/certificates.ts';
import { type GivenValues, renderGivenTemplate } from './givenTemplate.ts';
import {
  caConfigMap,
  caSecret,
  type MachineConfigServerFacts,
  machineConfigServerValues,
  serverSecret,
} from './machineConfigServer.ts';
import { MANIFESTS_FOLDER, manifestFile } from './manifestFile.ts';

/** What these manifests are made of. */
export interface BootkubeFacts {
  readonly config: InstallConfig;
  /** UUID of the cluster. */
  readonly clusterId: string;
  readonly rootCa: CertificateAndKey;
  readonly machineConfigServer: MachineConfigServerFacts;
}

/** Templates of the user by the file they take the place of. */
export interface BootkubeTemplates {
  readonly cvoOverrides: FileListValue;
  readonly kubeCloudConfig: FileListValue;
  readonly rootCaConfigMap: FileListValue;
  readonly machineConfigServerCaSecret: FileListValue;
  readonly machineConfigServerCaConfigMap: FileListValue;
  readonly machineConfigServerTlsSecret: FileListValue;
  readonly pullSecret: FileListValue;
}

/** The manifests that have no asset of their own because the user can give a template for each (spec/installer/05.2). */
export function bootkubeManifests(facts: BootkubeFacts, templates: BootkubeTemplates): StateFileEntry[] {
  const values = valuesOf(facts);
  const file = (name: string, template: FileListValue, object: object): StateFileEntry => {
    const given = renderGivenTemplate(template, values);
    return given === undefined
      ? manifestFile(name, object)
      : stateFileEntry(`${MANIFESTS_FOLDER}/${name}`, given);
  };
  const server = facts.machineConfigServer;
  return [
    file('cvo-overrides.yaml', templates.cvoOverrides, clusterVersion(facts)),
    file('kube-cloud-config.yaml', templates.kubeCloudConfig, EMPTY_CLOUD_CONFIG),
    file('kube-system-configmap-root-ca.yaml', templates.rootCaConfigMap, rootCaConfigMap(facts)),
    file(
      'machine-config-server-ca-configmap.yaml',
      templates.machineConfigServerCaConfigMap,
      caConfigMap(facts.rootCa),
    ),
    file('machine-config-server-ca-secret.yaml', templates.machineConfigServerCaSecret, caSecret(server)),
    file(
      'machine-config-server-tls-secret.yaml',
      templates.machineConfigServerTlsSecret,
      serverSecret(server),
    ),
    file('openshift-config-secret-pull-secret.yaml', templates.pullSecret, pullSecret(facts)),
  ];
}

/** Which updates the cluster is offered, and which parts of OpenShift it consists of. */
const clusterVersion = ({ config: { capabilities }, clusterId }: BootkubeFacts): object => ({
  apiVersion: 'config.openshift.io/v1',
  kind: 'ClusterVersion',
  metadata: { namespace: 'openshift-cluster-version', name: 'version' },
  spec: {
    channel: CHANNEL,
    clusterID: clusterId,
    ...(capabilities && {
      capabilities: {
        baselineCapabilitySet: capabilities.baselineCapabilitySet,
        ...(capabilities.additionalEnabledCapabilities.length > 0 && {
          additionalEnabledCapabilities: capabilities.additionalEnabledCapabilities,
        }),
      },
    }),
  },
});

const CHANNEL = `stable-${RELEASE.version.split('.', 2).join('.')}`;

/** Old operators look for it on all platforms. */
const EMPTY_CLOUD_CONFIG = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'kube-cloud-cfg', namespace: 'kube-system' },
  type: 'Opaque',
  data: { config: '' },
};

const rootCaConfigMap = ({ rootCa }: BootkubeFacts): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'root-ca', namespace: 'kube-system' },
  data: { 'ca.crt': certificatePem(rootCa) },
});

const pullSecret = ({ config }: BootkubeFacts): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'openshift-config', name: 'pull-secret' },
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(config.pullSecret, 'utf8').toString('base64') },
});

const valuesOf = (facts: BootkubeFacts): GivenValues => ({
  ...machineConfigServerValues(facts.machineConfigServer),
  CVOChannel: CHANNEL,
  CVOClusterID: facts.clusterId,
  PullSecretBase64: Buffer.from(facts.config.pullSecret, 'utf8').toString('base64'),
  RootCaCert: certificatePem(facts.rootCa),
});
