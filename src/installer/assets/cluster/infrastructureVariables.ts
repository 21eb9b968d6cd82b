import { findNetworkFamily } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { assetFilesOf, defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import {
  CLUSTER_VARIABLES,
  type ClusterVariables,
  PLATFORM_VARIABLES,
  type PlatformVariables,
} from '../../bootstrapMachine/infrastructureFiles.ts';
import { bootstrapIgnition } from '../bootstrap/bootstrapIgnition.ts';
import { ironicCredentials } from '../bootstrap/ironicCredentials.ts';
import type { FileListValue } from '../fileList.ts';
import { arbiterIgnition, masterIgnition } from '../ignition/pointerIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformProvisionCheck } from '../installConfig/platformProvisionCheck.ts';
import { arbiterMachines } from '../machines/arbiterMachines.ts';
import { masterMachines } from '../machines/masterMachines.ts';
import { workerMachines } from '../machines/workerMachines.ts';
import { commonManifests } from '../manifests/commonManifests.ts';
import { rhcosBootstrapImage, rhcosImage, rhcosRelease } from '../release/rhcosImages.ts';

const inputs = {
  clusterId,
  installConfig,
  rhcosImage,
  rhcosRelease,
  rhcosBootstrapImage,
  bootstrapIgnition,
  masterIgnition,
  arbiterIgnition,
  masterMachines,
  arbiterMachines,
  workerMachines,
  ironicCredentials,
  platformProvisionCheck,
  commonManifests,
};

/**
 * What the machines of a cluster are to be. On bare metal only the bootstrap machine is made from it; it holds keys, so
 * nobody but its owner may read its files.
 */
export const infrastructureVariables = defineAsset<FileListValue, typeof inputs>({
  name: 'Cluster Infrastructure Variables',
  stateKey: '*tfvars.TerraformVariables',
  inputs,
  generate(values) {
    const { config } = values.installConfig;
    const { baremetal } = config.platform;
    if (baremetal === undefined) throw unprovisioned(config);
    const cluster: ClusterVariables = {
      ...clusterVariables(config, values.clusterId.InfraID),
      ignition_bootstrap: textOf(values.bootstrapIgnition.File),
      ignition_master: textOf(values.masterIgnition.File),
    };
    const platform: PlatformVariables = {
      libvirt_uri: baremetal.libvirtURI,
      bootstrap_os_image: values.rhcosBootstrapImage,
      bridges: bridgesOf(baremetal),
    };
    return {
      FileList: [
        stateFileEntry(CLUSTER_VARIABLES, renderVariables(cluster)),
        stateFileEntry(PLATFORM_VARIABLES, renderVariables(platform)),
      ],
    };
  },
  files: ({ FileList }) => assetFilesOf(FileList, 0o600),
});

function unprovisioned({ platform }: InstallConfig): Failure {
  const name = platform.external === undefined ? 'none' : 'external';
  return new Failure({
    code: 'installer/platform-not-provisioned',
    message: `cannot create the cluster because "${name}" is a UPI platform`,
    hint: 'run "create ignition-configs" and boot machines of your own with them; nothing was changed',
  });
}

function clusterVariables(config: InstallConfig, infraId: string) {
  const machines = (config.networking?.machineNetwork ?? []).map(({ cidr }) => cidr);
  const [v4, v6] = [4, 6].map((family) => machines.filter((cidr) => findNetworkFamily(cidr) === family));
  return {
    cluster_id: infraId,
    cluster_domain: `${config.metadata.name}.${config.baseDomain}`,
    base_domain: config.baseDomain,
    master_count: config.controlPlane?.replicas ?? 0,
    machine_v4_cidrs: v4!,
    machine_v6_cidrs: v6!,
    use_ipv4: v4!.length > 0,
    use_ipv6: v6!.length > 0,
  };
}

/** The machine has a card in the network of the hosts, and one in that over which they are provisioned. */
const bridgesOf = (platform: BareMetalPlatform): PlatformVariables['bridges'] => [
  { name: platform.externalBridge, mac: platform.externalMACAddress },
  ...(platform.provisioningNetwork === 'Disabled'
    ? []
    : [{ name: platform.provisioningBridge, mac: platform.provisioningMACAddress }]),
];

const renderVariables = (variables: object): string => JSON.stringify(variables, null, 2);

const textOf = (file: StateFileEntry | null): string =>
  Buffer.from(file?.Data ?? '', 'base64').toString('utf8');
