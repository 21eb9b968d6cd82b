import * as z from 'zod';
import { anyMapping, flag, mapping, mappingOrEmpty, optional, textList, textOrEmpty } from './shape.ts';

/** `platform.baremetal` as it is written: absent texts are `''`, absent lists are empty, absent objects are absent. */
export interface BareMetalPlatform {
  readonly apiVIPs: readonly string[];
  readonly ingressVIPs: readonly string[];
  /** Absent and empty are different: only an absent list is "missing". */
  readonly hosts?: readonly BareMetalHost[];
  readonly provisioningNetwork: string;
  readonly provisioningNetworkInterface: string;
  readonly provisioningNetworkCIDR: string;
  /** `first,last` */
  readonly provisioningDHCPRange: string;
  readonly bootstrapProvisioningIP: string;
  readonly clusterProvisioningIP: string;
  readonly provisioningBridge: string;
  readonly externalBridge: string;
  readonly externalMACAddress: string;
  readonly provisioningMACAddress: string;
  readonly libvirtURI: string;
  readonly bootstrapOSImage: string;
  readonly clusterOSImage: string;
  readonly bootstrapExternalStaticIP: string;
  readonly bootstrapExternalStaticGateway: string;
  readonly bootstrapExternalStaticDNS: string;
  readonly loadBalancer?: { readonly type: string };
  readonly additionalNTPServers: readonly string[];
  readonly defaultMachinePlatform?: Readonly<Record<string, unknown>>;
  /** Deprecated forms of the fields above. */
  readonly apiVIP: string;
  readonly ingressVIP: string;
  readonly provisioningHostIP: string;
  readonly provisioningDHCPExternal: boolean;
}

/** A machine that the cluster is made of. */
export interface BareMetalHost {
  readonly name: string;
  readonly role: string;
  readonly bmc: BoardController;
  readonly bootMACAddress: string;
  readonly hardwareProfile: string;
  readonly bootMode: string;
  readonly rootDeviceHints?: RootDeviceHints;
  /** An nmstate document. */
  readonly networkConfig?: Readonly<Record<string, unknown>>;
}

interface BoardController {
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly disableCertificateVerification: boolean;
}

interface RootDeviceHints {
  readonly deviceName: string;
  readonly hctl: string;
  readonly model: string;
  readonly vendor: string;
  readonly serialNumber: string;
  /** GB; 0: not given. */
  readonly minSizeGigabytes: number;
  readonly wwn: string;
  readonly wwnWithExtension: string;
  readonly wwnVendorExtension: string;
  readonly rotational?: boolean;
}

const host = mapping({
  name: textOrEmpty,
  role: textOrEmpty,
  bmc: mappingOrEmpty({
    address: textOrEmpty,
    username: textOrEmpty,
    password: textOrEmpty,
    disableCertificateVerification: flag,
  }),
  bootMACAddress: textOrEmpty,
  hardwareProfile: textOrEmpty,
  bootMode: textOrEmpty,
  rootDeviceHints: optional(
    mapping({
      deviceName: textOrEmpty,
      hctl: textOrEmpty,
      model: textOrEmpty,
      vendor: textOrEmpty,
      serialNumber: textOrEmpty,
      minSizeGigabytes: z.int({ error: 'expected a whole number' }).default(0),
      wwn: textOrEmpty,
      wwnWithExtension: textOrEmpty,
      wwnVendorExtension: textOrEmpty,
      rotational: optional(z.boolean({ error: 'expected true or false' })),
    }),
  ),
  networkConfig: optional(anyMapping),
});

/** The shape of `platform.baremetal` (spec/installer/03.2.5). */
export const bareMetalPlatform = mapping({
  apiVIPs: textList,
  ingressVIPs: textList,
  hosts: optional(z.array(host, { error: 'expected a list' })),
  provisioningNetwork: textOrEmpty,
  provisioningNetworkInterface: textOrEmpty,
  provisioningNetworkCIDR: textOrEmpty,
  provisioningDHCPRange: textOrEmpty,
  bootstrapProvisioningIP: textOrEmpty,
  clusterProvisioningIP: textOrEmpty,
  provisioningBridge: textOrEmpty,
  externalBridge: textOrEmpty,
  externalMACAddress: textOrEmpty,
  provisioningMACAddress: textOrEmpty,
  libvirtURI: textOrEmpty,
  bootstrapOSImage: textOrEmpty,
  clusterOSImage: textOrEmpty,
  bootstrapExternalStaticIP: textOrEmpty,
  bootstrapExternalStaticGateway: textOrEmpty,
  bootstrapExternalStaticDNS: textOrEmpty,
  loadBalancer: optional(mapping({ type: textOrEmpty })),
  additionalNTPServers: textList,
  defaultMachinePlatform: optional(anyMapping),
  apiVIP: textOrEmpty,
  ingressVIP: textOrEmpty,
  provisioningHostIP: textOrEmpty,
  provisioningDHCPExternal: flag,
});
