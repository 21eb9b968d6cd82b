import { givenTemplate } from './givenTemplate.ts';

/** Templates of the user for files of "Openshift Manifests". */

export const kubeadminSecretTemplate = givenTemplate({
  name: 'KubeadminPasswordSecret',
  stateKey: '*openshift.KubeadminPasswordSecret',
  file: 'kubeadmin-password-secret.yaml.template',
});

export const bareMetalConfigTemplate = givenTemplate({
  name: 'Baremetal Config CR',
  stateKey: '*openshift.BaremetalConfig',
  file: 'baremetal-provisioning-config.yaml.template',
});

// Clouds only: their files are written on none of our platforms, but the state file has their entries.

export const cloudCredentialsTemplate = givenTemplate({
  name: 'CloudCredsSecret',
  stateKey: '*openshift.CloudCredsSecret',
  file: 'cloud-creds-secret.yaml.template',
});

export const cloudCredentialsReaderTemplate = givenTemplate({
  name: 'RoleCloudCredsSecretReader',
  stateKey: '*openshift.RoleCloudCredsSecretReader',
  file: 'role-cloud-creds-secret-reader.yaml.template',
});

export const azureCloudProviderTemplate = givenTemplate({
  name: 'AzureCloudProviderSecret',
  stateKey: '*openshift.AzureCloudProviderSecret',
  file: '99_azure-cloud-provider-secret.yaml.template',
});
