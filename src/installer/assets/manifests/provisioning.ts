import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';

/** How the cluster itself will provision further bare metal hosts (spec/installer/05.3). */
export const provisioningFile = (platform: BareMetalPlatform, osImage: string): StateFileEntry =>
  stateFileEntry(
    `${OPENSHIFT_FOLDER}/99_baremetal-provisioning-config.yaml`,
    renderManifest({
      apiVersion: 'metal3.io/v1alpha1',
      kind: 'Provisioning',
      metadata: { name: 'provisioning-configuration' },
      spec: {
        provisioningInterface: platform.provisioningNetworkInterface,
        provisioningIP: platform.clusterProvisioningIP,
        provisioningNetworkCIDR: platform.provisioningNetworkCIDR,
        provisioningNetwork: platform.provisioningNetwork,
        provisioningDHCPRange: platform.provisioningDHCPRange,
        provisioningOSDownloadURL: osImage,
        additionalNTPServers: platform.additionalNTPServers,
        watchAllNamespaces: false,
      },
    }),
  );
