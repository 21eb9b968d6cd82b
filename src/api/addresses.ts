import ipaddr from 'ipaddr.js';
import { type Problem, problem } from '#base/report.ts';

export type IpFamily = 4 | 6;

/** The family of an IP address; undefined if it is none. Zones and octets with leading zeros are refused, as in Go's net.ParseIP. */
export function findIpFamily(address: string): IpFamily | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return 4;
  return !address.includes('%') && ipaddr.IPv6.isValid(address) ? 6 : undefined;
}

/** The family of a CIDR; undefined if it is none. */
export const findNetworkFamily = (cidr: string): IpFamily | undefined =>
  isCidr(cidr) ? findIpFamily(cidr.split('/')[0]!) : undefined;

/** True for `address/prefix length`; bits behind the prefix may be set, as in Go's net.ParseCIDR. */
export function isCidr(textOfCidr: string): boolean {
  const [, address, length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(textOfCidr) ?? [];
  const family = address === undefined ? undefined : findIpFamily(address);
  return family !== undefined && Number(length) <= (family === 6 ? 128 : 32);
}

/** One problem for each entry of the list that is no IP address. */
export function ipProblems(path: string, addresses: readonly string[]): Problem[] {
  return addresses.flatMap((address, i) =>
    findIpFamily(address) === undefined
      ? [problem(`${path}[${i}]`, `"${address}" is not a valid IP address`)]
      : [],
  );
}

/** One problem for each entry of the list that is no CIDR. */
export function networkProblems(path: string, networks: readonly string[]): Problem[] {
  return networks.flatMap((network, i) =>
    isCidr(network)
      ? []
      : [problem(`${path}[${i}]`, `"${network}" is not a network in CIDR form, such as 192.0.2.0/24`)],
  );
}

/** A network with its bits behind the prefix cleared: `10.0.0.5/16` gives `10.0.0.0/16`. The argument must be a CIDR. */
export function getNetworkOf(cidr: string): string {
  const [address, length] = ipaddr.parseCIDR(cidr);
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
      : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${network.toString()}/${length}`;
}

/** True if bits behind the prefix are set. The argument must be a CIDR. */
export function hasHostBits(cidr: string): boolean {
  const [address] = ipaddr.parseCIDR(cidr);
  const [network] = ipaddr.parseCIDR(getNetworkOf(cidr));
  return address.toNormalizedString() !== network.toNormalizedString();
}

/** True if two CIDRs of the same family have an address in common. */
export function networksOverlap(a: string, b: string): boolean {
  const [addressA, lengthA] = ipaddr.parseCIDR(a);
  const [addressB, lengthB] = ipaddr.parseCIDR(b);
  return addressA.kind() === addressB.kind() && addressA.match(addressB, Math.min(lengthA, lengthB));
}

/** True if the IP address lies in the CIDR. */
export function networkContains(cidr: string, address: string): boolean {
  const ip = ipaddr.parse(address);
  const [network, length] = ipaddr.parseCIDR(cidr);
  return ip.kind() === network.kind() && ip.match(network, length);
}

/** The address at a place in a network: 0 is the network's own address, -1 its last one. The argument must be a CIDR. */
export function addressAt(cidr: string, place: number): string {
  const [address, length] = ipaddr.parseCIDR(getNetworkOf(cidr));
  const bytes = address.toByteArray();
  const first = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const size = 1n << BigInt(bytes.length * 8 - length);
  const wanted = first + (place < 0 ? size + BigInt(place) : BigInt(place));
  const hex = wanted.toString(16).padStart(bytes.length * 2, '0');
  return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString();
}

/** True if the IP address lies from `first` to `last`, both included; of another family it never does. */
export function isBetween(address: string, first: string, last: string): boolean {
  const [at, from, to] = [address, first, last].map((each) => Buffer.from(ipaddr.parse(each).toByteArray()));
  return at!.length === from!.length && Buffer.compare(from!, at!) <= 0 && Buffer.compare(at!, to!) <= 0;
}

/** The one form in which Linux prints an IP address: of IPv6 the short one, in small letters. */
export const getShortForm = (address: string): string => ipaddr.parse(address).toString();

/** The netmask of an IPv4 CIDR. */
export const getNetmask = (cidr: string): string =>
  ipaddr.IPv4.subnetMaskFromPrefixLength(Number(cidr.split('/')[1])).toString();
