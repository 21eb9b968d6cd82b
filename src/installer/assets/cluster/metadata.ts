import type { InstallConfig } from '#api/installConfig.ts';
import { assetFilesOf, defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { customFeatureGates } from '../../rules/featureGates.ts';
import { bootstrapIgnition } from '../bootstrap/bootstrapIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';

/** What a cluster is found by when it is destroyed (spec/installer/07.7). */
export const METADATA = 'metadata.json';

/** Upstream makes it last, so it is there only if everything else is. */
export const metadata = defineAsset({
  name: 'Metadata',
  stateKey: '*cluster.Metadata',
  inputs: { clusterId, installConfig, bootstrapIgnition },
  generate({ clusterId: { UUID, InfraID }, installConfig: { config } }): { readonly File: StateFileEntry } {
    const document = {
      clusterName: config.metadata.name,
      clusterID: UUID,
      infraID: InfraID,
      ...platformMetadata(config),
      featureSet: config.featureSet,
      customFeatureSet: customFeatureGates(config) ?? null,
    };
    return { File: stateFileEntry(METADATA, JSON.stringify(document)) };
  },
  files: ({ File }) => assetFilesOf([File]),
});

/** Other platforms have nothing that could be destroyed. */
function platformMetadata({ platform: { baremetal } }: InstallConfig): object {
  if (baremetal === undefined) return {};
  const { libvirtURI, bootstrapProvisioningIP, clusterProvisioningIP } = baremetal;
  return {
    baremetal: { libvirtURI, bootstrapProvisioningIP, provisioningHostIP: clusterProvisioningIP },
  };
}
