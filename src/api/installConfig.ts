import * as z from 'zod';
import type { Parsed, Report } from '#base/report.ts';
import { type BareMetalPlatform, bareMetalPlatform } from './bareMetalPlatform.ts';
import {
  anyMapping,
  decodeText,
  flag,
  mapping,
  mappingOrEmpty,
  optional,
  text,
  textList,
  textMapping,
  textOrEmpty,
} from './shape.ts';

/** The platforms that upstream's install-config knows; the one used is the key that stands below `platform`. */
export const PLATFORMS = [
  'aws',
  'azure',
  'baremetal',
  'external',
  'gcp',
  'ibmcloud',
  'none',
  'nutanix',
  'openstack',
  'ovirt',
  'powervs',
  'vsphere',
] as const;
export type PlatformName = (typeof PLATFORMS)[number];
type Platform = {
  readonly [Name in Exclude<PlatformName, 'baremetal' | 'external'>]?: Readonly<Record<string, unknown>>;
} & { readonly baremetal?: BareMetalPlatform; readonly external?: ExternalPlatform };

interface ExternalPlatform {
  readonly platformName: string;
  readonly cloudControllerManager: string;
}

/** install-config v1 as it is written: nothing is defaulted. Absent texts are `''`, absent lists are empty, absent objects are absent. */
export interface InstallConfig {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: InstallConfigMetadata;
  readonly baseDomain: string;
  /** PEM. */
  readonly additionalTrustBundle: string;
  readonly additionalTrustBundlePolicy: string;
  readonly sshKey: string;
  readonly networking?: Networking;
  readonly controlPlane?: MachinePool;
  readonly arbiter?: MachinePool;
  readonly compute: readonly MachinePool[];
  readonly platform: Platform;
  /** JSON text. */
  readonly pullSecret: string;
  readonly proxy?: ProxySettings;
  /** Deprecated form of `imageDigestSources`. */
  readonly imageContentSources: readonly ImageSource[];
  readonly imageDigestSources: readonly ImageSource[];
  readonly publish: string;
  readonly operatorPublishingStrategy?: { readonly ingress: string; readonly apiserver: string };
  readonly fips: boolean;
  readonly cpuPartitioningMode: string;
  readonly credentialsMode: string;
  readonly bootstrapInPlace?: { readonly installationDisk: string };
  readonly capabilities?: Capabilities;
  readonly featureSet: string;
  readonly featureGates: readonly string[];
}

interface InstallConfigMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Networking {
  readonly networkType: string;
  readonly machineNetwork: readonly { readonly cidr: string }[];
  readonly clusterNetwork: readonly ClusterNetwork[];
  readonly serviceNetwork: readonly string[];
  readonly clusterNetworkMTU: number;
  readonly ovnKubernetesConfig?: { readonly ipv4?: { readonly internalJoinSubnet: string } };
  /** Deprecated forms of the fields above. */
  readonly type: string;
  readonly machineCIDR: string;
  readonly serviceCIDR: string;
  readonly clusterNetworks: readonly ClusterNetwork[];
}

export interface ClusterNetwork {
  readonly cidr: string;
  /** 0: not given. */
  readonly hostPrefix: number;
  /** Deprecated: address bits minus `hostPrefix`. 0: not given. */
  readonly hostSubnetLength: number;
}

export interface MachinePool {
  readonly name: string;
  readonly replicas?: number;
  readonly hyperthreading: string;
  readonly architecture: string;
  readonly platform?: Readonly<Record<string, unknown>>;
  readonly fencing?: { readonly credentials: readonly FencingCredential[] };
}

/** How one node of a two-node cluster switches the other one off. */
export interface FencingCredential {
  readonly hostName: string;
  readonly username: string;
  readonly password: string;
  readonly address: string;
  readonly certificateVerification: string;
}

export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export interface ImageSource {
  readonly source: string;
  readonly mirrors: readonly string[];
  readonly sourcePolicy: string;
}

export interface Capabilities {
  readonly baselineCapabilitySet: string;
  readonly additionalEnabledCapabilities: readonly string[];
}

const wholeNumber = z.int({ error: 'expected a whole number' });

const clusterNetworks = z
  .array(
    mapping({
      cidr: textOrEmpty,
      hostPrefix: wholeNumber.default(0),
      hostSubnetLength: wholeNumber.default(0),
    }),
    { error: 'expected a list' },
  )
  .default([]);

const machinePool = mapping({
  name: textOrEmpty,
  replicas: optional(wholeNumber),
  hyperthreading: textOrEmpty,
  architecture: textOrEmpty,
  platform: optional(anyMapping),
  fencing: optional(
    mapping({
      credentials: z
        .array(
          mapping({
            hostName: textOrEmpty,
            username: textOrEmpty,
            password: textOrEmpty,
            address: textOrEmpty,
            certificateVerification: textOrEmpty,
          }),
          { error: 'expected a list' },
        )
        .default([]),
    }),
  ),
});

export const imageSources = z
  .array(mapping({ source: textOrEmpty, mirrors: textList, sourcePolicy: textOrEmpty }), {
    error: 'expected a list',
  })
  .default([]);

export const proxy = mapping({ httpProxy: textOrEmpty, httpsProxy: textOrEmpty, noProxy: textOrEmpty });

const platform = optional(anyMapping);

/** The shape of the document. */
export const installConfigSchema = mapping({
  apiVersion: textOrEmpty,
  kind: textOrEmpty,
  metadata: mappingOrEmpty({
    name: textOrEmpty,
    namespace: textOrEmpty,
    annotations: textMapping,
    labels: textMapping,
    creationTimestamp: optional(text),
  }),
  baseDomain: textOrEmpty,
  additionalTrustBundle: textOrEmpty,
  additionalTrustBundlePolicy: textOrEmpty,
  sshKey: textOrEmpty,
  networking: optional(
    mapping({
      networkType: textOrEmpty,
      machineNetwork: z.array(mapping({ cidr: textOrEmpty }), { error: 'expected a list' }).default([]),
      clusterNetwork: clusterNetworks,
      serviceNetwork: textList,
      clusterNetworkMTU: wholeNumber.default(0),
      ovnKubernetesConfig: optional(
        mapping({ ipv4: optional(mapping({ internalJoinSubnet: textOrEmpty })) }),
      ),
      type: textOrEmpty,
      machineCIDR: textOrEmpty,
      serviceCIDR: textOrEmpty,
      clusterNetworks,
    }),
  ),
  controlPlane: optional(machinePool),
  arbiter: optional(machinePool),
  compute: z.array(machinePool, { error: 'expected a list' }).default([]),
  platform: mappingOrEmpty({
    aws: platform,
    azure: platform,
    baremetal: optional(bareMetalPlatform),
    external: optional(mapping({ platformName: textOrEmpty, cloudControllerManager: textOrEmpty })),
    gcp: platform,
    ibmcloud: platform,
    none: platform,
    nutanix: platform,
    openstack: platform,
    ovirt: platform,
    powervs: platform,
    vsphere: platform,
  }),
  pullSecret: textOrEmpty,
  proxy: optional(proxy),
  imageContentSources: imageSources,
  imageDigestSources: imageSources,
  publish: textOrEmpty,
  operatorPublishingStrategy: optional(mapping({ ingress: textOrEmpty, apiserver: textOrEmpty })),
  fips: flag,
  cpuPartitioningMode: textOrEmpty,
  credentialsMode: textOrEmpty,
  bootstrapInPlace: optional(mapping({ installationDisk: textOrEmpty })),
  capabilities: optional(
    mapping({ baselineCapabilitySet: textOrEmpty, additionalEnabledCapabilities: textList }),
  ),
  featureSet: textOrEmpty,
  featureGates: textList,
});

/** How an install-config is read. */
export interface InstallConfigReading {
  /** `warning` for the install-config of a running cluster, which may come from a newer installer; `error` for a person's. */
  readonly unknownKeys: 'error' | 'warning';
  readonly rules?: (config: InstallConfig) => Report;
}

/** Reads `install-config.yaml`; the shape is checked here, and the given rules with it. */
export function parseInstallConfig(source: string, reading: InstallConfigReading): Parsed<InstallConfig> {
  return decodeText(source, { schema: installConfigSchema, ...reading });
}
