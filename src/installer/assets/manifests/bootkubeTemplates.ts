import { givenTemplate } from './givenTemplate.ts';

/** Templates of the user for files of "Common Manifests". */

export const cvoOverridesTemplate = givenTemplate({
  name: 'CVOOverrides',
  stateKey: '*bootkube.CVOOverrides',
  file: 'cvo-overrides.yaml.template',
});

export const kubeCloudConfigTemplate = givenTemplate({
  name: 'KubeCloudConfig',
  stateKey: '*bootkube.KubeCloudConfig',
  file: 'kube-cloud-config.yaml',
});

export const rootCaConfigMapTemplate = givenTemplate({
  name: 'KubeSystemConfigmapRootCA',
  stateKey: '*bootkube.KubeSystemConfigmapRootCA',
  file: 'kube-system-configmap-root-ca.yaml.template',
});

export const machineConfigServerCaSecretTemplate = givenTemplate({
  name: 'MachineConfigServerCASecret',
  stateKey: '*bootkube.MachineConfigServerCASecret',
  file: 'machine-config-server-ca-secret.yaml.template',
});

export const machineConfigServerCaConfigMapTemplate = givenTemplate({
  name: 'MachineConfigServerCAConfigMap',
  stateKey: '*bootkube.MachineConfigServerCAConfigMap',
  file: 'machine-config-server-ca-configmap.yaml.template',
});

export const machineConfigServerTlsSecretTemplate = givenTemplate({
  name: 'MachineConfigServerTLSSecret',
  stateKey: '*bootkube.MachineConfigServerTLSSecret',
  file: 'machine-config-server-tls-secret.yaml.template',
});

export const pullSecretTemplate = givenTemplate({
  name: 'OpenshiftConfigSecretPullSecret',
  stateKey: '*bootkube.OpenshiftConfigSecretPullSecret',
  file: 'openshift-config-secret-pull-secret.yaml.template',
});
