import ipaddr from 'ipaddr.js';

/** Four or sixteen octets of a literal address; `undefined` for anything else (names, prefixes, zones, short forms). */
export function ipOctets(text: string): Buffer | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return Buffer.from(ipaddr.IPv4.parse(text).toByteArray());
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return Buffer.from(ipaddr.IPv6.parse(text).toByteArray());
}

/** RFC 5952 text of four or sixteen octets; `undefined` for other lengths. */
export function ipText(octets: Buffer): string | undefined {
  if (octets.length !== 4 && octets.length !== 16) return undefined;
  const address = ipaddr.fromByteArray([...octets]);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
