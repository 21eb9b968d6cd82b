import { type FieldTable, rowsBelow } from './documentFields.ts';

const HOST: FieldTable = {
  name: { description: 'Name of the host, unique among the hosts.', isRequired: true },
  role: {
    description: 'What the host becomes; a host without a role goes to the first pool that lacks one.',
    values: ['master', 'arbiter', 'worker'],
  },
  bmc: { description: 'Board controller that switches the host on and off.', isRequired: true },
  'bmc.address': {
    description:
      'URL of the board controller; its scheme names the driver, such as ipmi, redfish or idrac-virtualmedia.',
    isRequired: true,
  },
  'bmc.username': { description: 'Account of the board controller.', isRequired: true },
  'bmc.password': { description: 'Password of the account.', isRequired: true },
  'bmc.disableCertificateVerification': {
    description: 'Talk to the board controller without checking its certificate.',
    default: false,
  },
  bootMACAddress: {
    description: 'MAC address of the card that the host is found and started by; unique among the hosts.',
    isRequired: true,
  },
  hardwareProfile: { description: 'Name of a set of hardware settings.', default: 'default' },
  bootMode: {
    description: 'Firmware mode the host starts in.',
    default: 'UEFI',
    values: ['UEFI', 'UEFISecureBoot', 'legacy'],
  },
  rootDeviceHints: 'Properties of the disk to install to; all that are given must hold.',
  'rootDeviceHints.deviceName': 'Path of the disk: /dev/NAME or below /dev/disk/by-path/.',
  'rootDeviceHints.hctl': 'SCSI address, as 0:0:0:0.',
  'rootDeviceHints.model': 'Part of the model the maker gave it.',
  'rootDeviceHints.vendor': 'Part of the name of the maker.',
  'rootDeviceHints.serialNumber': 'Serial number.',
  'rootDeviceHints.minSizeGigabytes': 'Least size, in gigabytes.',
  'rootDeviceHints.wwn': 'World-wide name.',
  'rootDeviceHints.wwnWithExtension': 'World-wide name with the extension of the vendor.',
  'rootDeviceHints.wwnVendorExtension': 'Extension of the vendor alone.',
  'rootDeviceHints.rotational': 'True: a disk that turns; false: one that does not.',
  networkConfig: "State of the host's network in the form of nmstate.",
};

/** Words for the fields of `platform.baremetal`, by their path below it. */
export const BARE_METAL_FIELDS: FieldTable = {
  apiVIPs: 'Virtual IPs of the API, at most one of each IP family, in the machine network.',
  ingressVIPs: 'Virtual IPs of the ingress, at most one of each IP family, in the machine network.',
  hosts: 'The machines that the cluster is made of.',
  ...rowsBelow('hosts[]', HOST),
  provisioningNetwork: {
    description: 'Whether hosts are installed over a network of its own, and who runs DHCP in it.',
    default: 'Managed',
    values: ['Managed', 'Unmanaged', 'Disabled'],
  },
  provisioningNetworkInterface:
    'Card of the control plane nodes in the provisioning network; found by MAC address if empty.',
  provisioningNetworkCIDR: {
    description:
      'The provisioning network. Without one: the machine network that holds clusterProvisioningIP.',
    default: '172.22.0.0/24',
    format: 'cidr',
  },
  provisioningDHCPRange:
    'First and last address that DHCP hands out in a Managed provisioning network: FIRST,LAST.',
  bootstrapProvisioningIP:
    'Address of the bootstrap machine in the provisioning network; its second one if empty.',
  clusterProvisioningIP:
    'Address of the provisioning services of the cluster; the third one of the network if empty.',
  provisioningBridge: {
    description: 'Bridge of the hypervisor of the bootstrap machine to the provisioning network.',
    default: 'provisioning',
  },
  externalBridge: {
    description: 'Bridge of the hypervisor of the bootstrap machine to the machine network.',
    default: 'baremetal',
  },
  externalMACAddress: 'MAC address of the bootstrap machine in the machine network; random if empty.',
  provisioningMACAddress:
    'MAC address of the bootstrap machine in the provisioning network; random if empty.',
  libvirtURI: { description: 'Hypervisor that runs the bootstrap machine.', default: 'qemu:///system' },
  bootstrapOSImage: 'URL of another image for the bootstrap machine, ending in ?sha256=SUM.',
  clusterOSImage: 'URL of another image for the nodes, ending in ?sha256=SUM.',
  bootstrapExternalStaticIP: 'Fixed address of the bootstrap machine; needs its gateway too.',
  bootstrapExternalStaticGateway: 'Gateway of the bootstrap machine with a fixed address.',
  bootstrapExternalStaticDNS: 'Name server of the bootstrap machine with a fixed address.',
  loadBalancer: 'What spreads the requests for API and ingress.',
  'loadBalancer.type': {
    description: 'Part of the cluster, or one that you run yourself.',
    default: 'OpenShiftManagedDefault',
    values: ['OpenShiftManagedDefault', 'UserManaged'],
  },
  additionalNTPServers: 'Further time sources of all hosts: IP addresses or names.',
  defaultMachinePlatform: 'Settings of all pools; bare metal has none.',
  apiVIP: { description: 'Deprecated: use apiVIPs.', format: 'ip' },
  ingressVIP: { description: 'Deprecated: use ingressVIPs.', format: 'ip' },
  provisioningHostIP: { description: 'Deprecated: use clusterProvisioningIP.', format: 'ip' },
  provisioningDHCPExternal: {
    description: 'Deprecated: true is provisioningNetwork Unmanaged.',
    default: false,
  },
};
