import { BARE_METAL_FIELDS } from './bareMetalFields.ts';
import { type FieldTable, rowsBelow } from './documentFields.ts';

const CLUSTER_NETWORK: FieldTable = {
  cidr: { description: 'Network in CIDR form.', isRequired: true, format: 'cidr' },
  hostPrefix: 'Length of the prefix of the part that each node gets; at least that of the network.',
  hostSubnetLength: 'Deprecated: bits of the part of each node; use hostPrefix.',
};

const MACHINE_POOL: FieldTable = {
  name: 'Name of the pool. That of control plane and arbiter is fixed.',
  replicas: 'Number of nodes.',
  hyperthreading: {
    description: 'Whether cores run two threads.',
    default: 'Enabled',
    values: ['Enabled', 'Disabled'],
  },
  architecture: {
    description: 'Processor of the nodes; the same in all pools.',
    default: 'amd64',
    values: ['amd64', 'arm64', 'ppc64le', 's390x'],
  },
  platform: 'Settings of the platform for this pool; none, external and baremetal have none.',
  fencing: 'How the two nodes of a cluster without a third switch each other off.',
  'fencing.credentials': 'The board controllers of the two nodes.',
  'fencing.credentials[].hostName': { description: 'Name of the node.', isRequired: true },
  'fencing.credentials[].username': { description: 'Account of its board controller.', isRequired: true },
  'fencing.credentials[].password': { description: 'Password of the account.', isRequired: true },
  'fencing.credentials[].address': { description: 'URL of the board controller.', isRequired: true },
  'fencing.credentials[].certificateVerification': {
    description: "Whether the board controller's certificate is checked.",
    default: 'Enabled',
    values: ['Enabled', 'Disabled'],
  },
};

const poolRows = (path: string, facts: FieldTable[string], extra: FieldTable = {}): FieldTable => ({
  [path.replace(/\[\]$/, '')]: facts,
  ...rowsBelow(path, { ...MACHINE_POOL, ...extra }),
});

/** Words for a list of sources with their mirrors. */
export const IMAGE_SOURCES: FieldTable = {
  source: { description: 'Repository as images name it.', isRequired: true },
  mirrors: 'Repositories that hold the same images; the first that answers is used.',
  sourcePolicy: {
    description: 'Whether the source itself may be asked when no mirror has an image.',
    values: ['AllowContactingSource', 'NeverContactSource'],
  },
};

export const PROXY: FieldTable = {
  httpProxy: { description: 'Proxy for http, an http URL.', format: 'uri' },
  httpsProxy: { description: 'Proxy for https, an http or https URL.', format: 'uri' },
  noProxy: 'Domains, addresses and networks that are reached directly, separated by commas; * for all.',
};

const NETWORKING: FieldTable = {
  networkType: {
    description: 'Network plugin; OpenShiftSDN and Kuryr are refused.',
    default: 'OVNKubernetes',
  },
  machineNetwork: { description: 'Networks of the nodes.', default: [{ cidr: '10.0.0.0/16' }] },
  'machineNetwork[].cidr': { description: 'Network in CIDR form.', isRequired: true, format: 'cidr' },
  clusterNetwork: {
    description: 'Networks that pods have their addresses in.',
    default: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }],
  },
  ...rowsBelow('clusterNetwork[]', CLUSTER_NETWORK),
  serviceNetwork: {
    description: 'Networks that services have their addresses in, one of each IP family.',
    default: ['172.30.0.0/16'],
  },
  clusterNetworkMTU: 'Size of packets in the network of pods; on AWS only.',
  ovnKubernetesConfig: 'Settings of OVN-Kubernetes.',
  'ovnKubernetesConfig.ipv4': 'Its settings for IPv4.',
  'ovnKubernetesConfig.ipv4.internalJoinSubnet': {
    description: 'Network that it uses inside the cluster; must not overlap with any other.',
    default: '100.64.0.0/16',
    format: 'cidr',
  },
  type: 'Deprecated: use networkType.',
  machineCIDR: { description: 'Deprecated: use machineNetwork.', format: 'cidr' },
  serviceCIDR: { description: 'Deprecated: use serviceNetwork.', format: 'cidr' },
  clusterNetworks: 'Deprecated: use clusterNetwork.',
  ...rowsBelow('clusterNetworks[]', CLUSTER_NETWORK),
};

const METADATA: FieldTable = {
  name: { description: 'Name of the cluster, the first part of its domain.', isRequired: true },
  namespace: 'Read and written back, otherwise without effect.',
  annotations: 'Read and written back, otherwise without effect.',
  labels: 'Read and written back, otherwise without effect.',
  creationTimestamp: 'Always empty; stands in files that the installer wrote.',
};

const cloud = (name: string): string => `${name}; this program makes no cluster there.`;

const PLATFORM: FieldTable = {
  none: 'Machines that you provide and start yourself, with load balancer and DNS; an empty object.',
  external: 'As none, for a provider that brings its own integration.',
  'external.platformName': 'Name of the provider; the API server fills in Unknown.',
  'external.cloudControllerManager': {
    description: 'External: nodes wait for the cloud controller manager of the provider.',
    values: ['External'],
  },
  baremetal: 'Machines that are installed over their board controllers.',
  ...rowsBelow('baremetal', BARE_METAL_FIELDS),
  aws: cloud('Amazon Web Services'),
  azure: cloud('Microsoft Azure'),
  gcp: cloud('Google Cloud'),
  ibmcloud: cloud('IBM Cloud'),
  nutanix: cloud('Nutanix'),
  openstack: cloud('OpenStack'),
  ovirt: 'oVirt; no longer supported by any installer.',
  powervs: cloud('IBM Power Virtual Server'),
  vsphere: cloud('VMware vSphere'),
};

/** Words for the fields of `install-config.yaml` (spec/installer/03.2). */
export const INSTALL_CONFIG_FIELDS: FieldTable = {
  '': 'What a new cluster is to be like.',
  apiVersion: {
    description: 'Version of this format: v1; v1beta3 and v1beta4 are converted.',
    isRequired: true,
    values: ['v1', 'v1beta3', 'v1beta4'],
  },
  kind: 'InstallConfig, or nothing.',
  metadata: { description: 'The name of the cluster.', isRequired: true },
  ...rowsBelow('metadata', METADATA),
  baseDomain: {
    description: 'Domain that the domain of the cluster is below: NAME.BASEDOMAIN.',
    isRequired: true,
  },
  additionalTrustBundle: 'Certificates in PEM that the nodes trust beside those of the system.',
  additionalTrustBundlePolicy: {
    description: 'Whether they are trusted for the proxy only, or always.',
    default: 'Proxyonly',
    values: ['Proxyonly', 'Always'],
  },
  sshKey: 'Public key that opens the nodes to user core.',
  networking: 'The networks of the cluster.',
  ...rowsBelow('networking', NETWORKING),
  ...poolRows('controlPlane', 'The nodes that run the control plane.', {
    replicas: { description: 'Number of nodes; 1 is a single-node cluster.', default: 3 },
  }),
  ...poolRows('arbiter', 'A small third node that only votes; needs the feature HighlyAvailableArbiter.'),
  ...poolRows(
    'compute[]',
    'The nodes that run the workload; a pool named worker is added if there is none.',
    {
      name: { description: 'worker; on AWS also edge.', isRequired: true },
      replicas: { description: 'Number of nodes; 0 lets the control plane run the workload.', default: 3 },
    },
  ),
  platform: { description: 'What the cluster runs on: exactly one of these.', isRequired: true },
  ...rowsBelow('platform', PLATFORM),
  pullSecret: {
    description: 'Credentials for the registries, JSON with auths.',
    isRequired: true,
  },
  proxy: 'Proxies on the way out of the cluster; at least one of httpProxy and httpsProxy.',
  ...rowsBelow('proxy', PROXY),
  imageContentSources: 'Deprecated: use imageDigestSources.',
  ...rowsBelow('imageContentSources[]', IMAGE_SOURCES),
  imageDigestSources: 'Where images that are named by digest are pulled from instead.',
  ...rowsBelow('imageDigestSources[]', IMAGE_SOURCES),
  publish: {
    description: 'Who can reach API and ingress; only External here.',
    default: 'External',
    values: ['External', 'Internal', 'Mixed'],
  },
  operatorPublishingStrategy: 'The same for each of the two, with publish Mixed; on Azure only.',
  'operatorPublishingStrategy.ingress': {
    description: 'Who can reach the ingress.',
    values: ['External', 'Internal'],
  },
  'operatorPublishingStrategy.apiserver': {
    description: 'Who can reach the API.',
    values: ['External', 'Internal'],
  },
  fips: {
    description: 'Use only cryptography of a FIPS-validated module; refused by this program.',
    default: false,
  },
  cpuPartitioningMode: {
    description: 'AllNodes: the system and the workload can be given processors of their own.',
    default: 'None',
  },
  credentialsMode: {
    description: 'How operators get the credentials of a cloud; not for none, external and baremetal.',
    values: ['Mint', 'Passthrough', 'Manual'],
  },
  bootstrapInPlace: 'For a single node that bootstraps itself, without a machine of its own for that.',
  'bootstrapInPlace.installationDisk': 'Path of the disk the node is installed to.',
  capabilities: 'Optional parts of the cluster; without this all of them.',
  'capabilities.baselineCapabilitySet': {
    description: 'The set to start from: None, that of a version such as v4.18, or vCurrent.',
    isRequired: true,
  },
  'capabilities.additionalEnabledCapabilities': 'Parts to add to the set.',
  featureSet: {
    description: 'Set of features that are not ready for production; such a cluster can not be updated.',
    values: ['TechPreviewNoUpgrade', 'DevPreviewNoUpgrade', 'CustomNoUpgrade'],
  },
  featureGates: 'Single features as NAME=true or NAME=false, with featureSet CustomNoUpgrade.',
};
