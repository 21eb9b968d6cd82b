import { findIpFamily } from '#api/addresses.ts';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { isDnsSubdomain } from '#api/names.ts';
import type { Problem } from '#base/report.ts';
import { duplicate, invalid, required } from './fieldErrors.ts';

const PATH = 'platform.baremetal';

/** What the virtual machine for bootstrapping is made of: addresses, images and where libvirt is. */
export const bootstrapMachineProblems = (platform: BareMetalPlatform): Problem[] => [
  ...macProblems(platform),
  ...uriProblems(platform),
  ...imageProblems(platform),
  ...timeServerProblems(platform),
  ...staticAddressProblems(platform),
];

function macProblems({ externalMACAddress, provisioningMACAddress }: BareMetalPlatform): Problem[] {
  const found: Problem[] = [];
  for (const [member, mac] of Object.entries({ externalMACAddress, provisioningMACAddress })) {
    const detail = macComplaint(mac);
    if (mac !== '' && detail !== undefined) found.push(invalid(`${PATH}.${member}`, mac, detail));
  }
  if (
    externalMACAddress !== '' &&
    externalMACAddress.toLowerCase() === provisioningMACAddress.toLowerCase()
  ) {
    const detail = 'provisioning and external MAC addresses may not be identical';
    found.push(duplicate(`${PATH}.provisioningMACAddress`, detail));
  }
  return found;
}

/** libvirt takes octets with colons only. */
function macComplaint(mac: string): string | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) return `address ${mac}: invalid MAC address`;
  const isMulticast = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return isMulticast ? 'expected unicast mac address, found multicast' : undefined;
}

const uriProblems = ({ libvirtURI: uri }: BareMetalPlatform): Problem[] =>
  /^[a-z][a-z0-9+.-]*:/i.test(uri)
    ? []
    : [invalid(`${PATH}.libvirtURI`, uri, `invalid URI "${uri}" (no scheme)`)];

function imageProblems({ bootstrapOSImage, clusterOSImage }: BareMetalPlatform): Problem[] {
  return Object.entries({ bootstrapOSImage, clusterOSImage }).flatMap(([member, image]) => {
    const shown = image.replace(/\/\/[^/@]*@/, '//');
    const detail = image === '' ? undefined : imageComplaint(image, shown);
    return detail === undefined ? [] : [invalid(`${PATH}.${member}`, shown, detail)];
  });
}

/** `shown` is the same without a password. */
function imageComplaint(image: string, shown: string): string | undefined {
  if (!URL.canParse(image)) return `the URI provided: ${shown} is invalid`;
  const { protocol, searchParams } = new URL(image);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return `the URI provided: ${shown} must begin with http/https`;
  }
  const sum = searchParams.get('sha256');
  if (sum === null) return `the sha256 parameter in the ${shown} URI is missing`;
  return /^[0-9a-f]{64}$/i.test(sum) ? undefined : `the sha256 parameter in the ${shown} URI is invalid`;
}

const timeServerProblems = ({ additionalNTPServers }: BareMetalPlatform): Problem[] =>
  additionalNTPServers
    .filter((server) => findIpFamily(server) === undefined && !isDnsSubdomain(server))
    .map((server) => invalid(PATH, server, 'NTP server is not a valid IP or domain name'));

/** Address, gateway and name server are given together or not at all; upstream names the first pair that is not. */
function staticAddressProblems(platform: BareMetalPlatform): Problem[] {
  const values = {
    BootstrapExternalStaticIP: platform.bootstrapExternalStaticIP,
    BootstrapExternalStaticGateway: platform.bootstrapExternalStaticGateway,
    BootstrapExternalStaticDNS: platform.bootstrapExternalStaticDNS,
  };
  const names = Object.keys(values) as (keyof typeof values)[];
  for (const given of names.filter((name) => values[name] !== '')) {
    const missing = names.find((name) => values[name] === '');
    if (missing !== undefined) {
      return [required(PATH, `You must specify a value for ${missing} when ${given} is set.`)];
    }
  }
  return [];
}
