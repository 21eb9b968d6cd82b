import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { defineAsset, type StateFileEntry, stateFileEntry, type ValuesOf } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { type FileListValue, fileListFiles } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { kubeadminPassword } from '../kubeadminPassword.ts';
import { belongsToMachineAsset, OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import { featureGateManifest } from './featureGateManifest.ts';
import { type GivenValues, renderGivenTemplate } from './givenTemplate.ts';
import { sortedByName } from './manifestFile.ts';
import { openshiftInstallConfig } from './openshiftInstallConfig.ts';
import {
  azureCloudProviderTemplate,
  bareMetalConfigTemplate,
  cloudCredentialsReaderTemplate,
  cloudCredentialsTemplate,
  kubeadminSecretTemplate,
} from './openshiftTemplates.ts';
import { provisioningFile } from './provisioning.ts';

const inputs = {
  installConfig,
  clusterId,
  kubeadminPassword,
  openshiftInstallConfig,
  featureGateManifest,
  cloudCredentialsTemplate,
  kubeadminSecretTemplate,
  cloudCredentialsReaderTemplate,
  bareMetalConfigTemplate,
  rhcosImage,
  azureCloudProviderTemplate,
};
type Values = ValuesOf<typeof inputs>;

/** Everything in `openshift/` but the manifests of machines, with what the user adds there (spec/installer/05.3). */
export const openshiftManifests = defineAsset<FileListValue, typeof inputs>({
  name: 'Openshift Manifests',
  stateKey: '*manifests.Openshift',
  inputs,
  source: {
    path: `${OPENSHIFT_FOLDER}/*`,
    parse(files) {
      const own = files.filter(({ path }) => !belongsToMachineAsset(path));
      if (own.length === 0) return undefined;
      const found = own.map(({ path, content }) => stateFileEntry(path, content));
      return { value: { FileList: sortedByName(found) }, warnings: [] };
    },
  },
  generate: (values) => ({
    FileList: sortedByName([
      kubeadminSecretFile(values),
      ...bareMetalFiles(values),
      ...values.openshiftInstallConfig.FileList,
      ...values.featureGateManifest.FileList,
    ]),
  }),
  files: fileListFiles,
});

/** With it the console lets the first user in. */
function kubeadminSecretFile({ kubeadminPassword: { PasswordHash }, ...values }: Values): StateFileEntry {
  const path = `${OPENSHIFT_FOLDER}/99_kubeadmin-password-secret.yaml`;
  const given = renderGivenTemplate(values.kubeadminSecretTemplate, {
    Base64EncodedKubeadminPwHash: PasswordHash,
  });
  const secret = {
    apiVersion: 'v1',
    data: { kubeadmin: PasswordHash },
    kind: 'Secret',
    metadata: { namespace: 'kube-system', name: 'kubeadmin' },
  };
  return stateFileEntry(path, given ?? renderManifest(secret));
}

/** How the cluster provisions further hosts; on bare metal only. */
function bareMetalFiles(values: Values): StateFileEntry[] {
  const { baremetal } = values.installConfig.config.platform;
  if (baremetal === undefined) return [];
  const image = values.rhcosImage.ControlPlane;
  const file = provisioningFile(baremetal, image);
  const given = renderGivenTemplate(values.bareMetalConfigTemplate, bareMetalValues(baremetal, image));
  return [given === undefined ? file : stateFileEntry(file.Filename, given)];
}

const bareMetalValues = (platform: BareMetalPlatform, image: string): GivenValues => ({
  'Baremetal.ProvisioningNetworkInterface': platform.provisioningNetworkInterface,
  'Baremetal.ClusterProvisioningIP': platform.clusterProvisioningIP,
  'Baremetal.ProvisioningNetworkCIDR': platform.provisioningNetworkCIDR,
  'Baremetal.ProvisioningNetwork': platform.provisioningNetwork,
  'Baremetal.ProvisioningDHCPRange': platform.provisioningDHCPRange,
  ProvisioningOSDownloadURL: image,
});
