import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { FileListValue } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { additionalTrustBundle } from './additionalTrustBundle.ts';
import { cloudProviderConfig } from './cloudManifests.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';
import { controlPlaneTopology, infrastructureTopology } from './topologies.ts';

/** Where the cluster runs and how it is reached (spec/installer/05.4), and the certificates that it is to trust. */
export const infrastructureManifest = defineAsset({
  name: 'Infrastructure Config',
  stateKey: '*manifests.Infrastructure',
  inputs: { clusterId, installConfig, cloudProviderConfig, additionalTrustBundle },
  generate({ clusterId: { InfraID }, installConfig: { config }, additionalTrustBundle: trusted }) {
    const object = clusterObject('Infrastructure', infrastructureOf(config, InfraID));
    const FileList = [...trusted.FileList, manifestFile('cluster-infrastructure-02-config.yml', object)];
    return { FileList } satisfies FileListValue;
  },
});

function infrastructureOf(config: InstallConfig, infraId: string): { spec: object; status: object } {
  const domain = clusterDomainOf(config);
  const { type, spec, status } = platformOf(config);
  return {
    spec: { cloudConfig: { name: '' }, platformSpec: { ...spec, type } },
    status: {
      apiServerInternalURI: `https://api-int.${domain}:6443`,
      apiServerURL: `https://api.${domain}:6443`,
      controlPlaneTopology: controlPlaneTopology(config),
      cpuPartitioning: config.cpuPartitioningMode === 'AllNodes' ? 'AllNodes' : 'None',
      etcdDiscoveryDomain: '',
      infrastructureName: infraId,
      infrastructureTopology: infrastructureTopology(config),
      platform: type,
      platformStatus: { ...status, type },
    },
  };
}

interface PlatformSections {
  readonly type: 'None' | 'External' | 'BareMetal';
  readonly spec?: object;
  readonly status?: object;
}

/** The platforms that the rules let through. */
function platformOf({ platform, networking }: InstallConfig): PlatformSections {
  const { baremetal, external } = platform;
  if (baremetal !== undefined) {
    const machineNetworks = (networking?.machineNetwork ?? []).map(({ cidr }) => cidr);
    return { type: 'BareMetal', ...bareMetalSections(baremetal, machineNetworks) };
  }
  if (external === undefined) return { type: 'None' };
  const state = external.cloudControllerManager === 'External' ? 'External' : 'None';
  return {
    type: 'External',
    spec: { external: external.platformName === '' ? {} : { platformName: external.platformName } },
    status: { external: { cloudControllerManager: { state } } },
  };
}

function bareMetalSections(
  { apiVIPs, ingressVIPs, loadBalancer }: BareMetalPlatform,
  machineNetworks: readonly string[],
): Pick<PlatformSections, 'spec' | 'status'> {
  const addresses = { apiServerInternalIPs: apiVIPs, ingressIPs: ingressVIPs, machineNetworks };
  return {
    spec: { baremetal: addresses },
    status: {
      baremetal: {
        ...addresses,
        // Older readers know one address only: the first.
        apiServerInternalIP: apiVIPs[0],
        ingressIP: ingressVIPs[0],
        ...(loadBalancer !== undefined && { loadBalancer }),
      },
    },
  };
}
