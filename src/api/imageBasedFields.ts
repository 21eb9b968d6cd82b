import { type FieldTable, rowsBelow } from './documentFields.ts';
import { IMAGE_SOURCES, PROXY } from './installConfigFields.ts';

const NMSTATE = 'in the form of nmstate';

/** Words for the fields of `image-based-installation-config.yaml` (spec/installer/09.1). */
export const INSTALLATION_CONFIG_FIELDS: FieldTable = {
  '': 'What an installation ISO writes to a disk.',
  apiVersion: 'v1beta1; not checked.',
  kind: 'ImageBasedInstallationConfig; not checked.',
  metadata: 'Name of this document.',
  'metadata.name': 'Without effect.',
  pullSecret: {
    description: 'Credentials for the registry of the seed image, JSON with auths.',
    isRequired: true,
  },
  sshKey: 'Public key that opens the live system to user core.',
  seedImage: { description: 'Image made of the seed cluster.', isRequired: true },
  seedVersion: { description: 'Version of OpenShift in the seed image.', isRequired: true },
  installationDisk: { description: 'Path of the disk that is overwritten.', isRequired: true },
  extraPartitionStart: {
    description:
      'Where the partition for containers starts: a number with K, M, G, T or P; with a minus sign counted from the end of the disk.',
    default: '-40G',
  },
  extraPartitionLabel: { description: 'Label of that partition.', default: 'var-lib-containers' },
  extraPartitionNumber: { description: 'Number of that partition.', default: 5 },
  additionalTrustBundle: 'Certificates in PEM that the live system trusts beside its own.',
  networkConfig: `State of the network during the installation ${NMSTATE}; without it DHCP.`,
  imageDigestSources: 'Where images that are named by digest are pulled from instead.',
  ...rowsBelow('imageDigestSources[]', IMAGE_SOURCES),
  proxy: 'Proxies on the way to the registry; at least one of httpProxy and httpsProxy.',
  ...rowsBelow('proxy', PROXY),
  coreosInstallerArgs:
    'Further arguments of coreos-installer: --append-karg, --delete-karg, --save-partlabel and --save-partindex with their values.',
  ignitionConfigOverride:
    'Ignition config of version 3.2 as JSON text that is merged into that of the live system.',
  releaseRegistry: 'Registry that the images of the release are pulled from.',
  shutdown: { description: 'Switch the host off when it is installed.', default: false },
  skipDiskCleanup: { description: 'Do not wipe what was on the disk before.', default: false },
};

/** Words for the fields of `image-based-config.yaml` (spec/installer/09.3). */
export const IMAGE_BASED_CONFIG_FIELDS: FieldTable = {
  '': 'What a clone has of its own beside its install-config.',
  apiVersion: 'v1beta1; not checked.',
  kind: 'ImageBasedConfig; not checked.',
  metadata: 'Name of this document.',
  'metadata.name': 'Without effect.',
  'metadata.namespace': 'Without effect.',
  hostname: 'Name of the node; without it the host keeps the one that DHCP or DNS gives it.',
  additionalNTPSources: 'Time sources: IP addresses or names.',
  networkConfig: `State of the network of the node ${NMSTATE}.`,
  releaseRegistry: 'Registry that the images of the release are pulled from.',
  cluster_id: 'UUID of the cluster; made up if empty.',
  infra_id: 'Name of the cluster among others; made of its name if empty.',
  nodeLabels: 'Labels of the node.',
};
