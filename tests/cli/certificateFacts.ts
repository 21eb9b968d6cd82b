import { X509Certificate } from 'node:crypto';
import { expectTag, readChildren, readWhole, TAG } from '#formats/der.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import type { Name } from '#pki/names.ts';
import { OID } from '#pki/oids.ts';

/** What the recordings say of a certificate instead of its bytes. */
export function certificateFacts(der: Buffer): object {
  const certificate = parseCertificate(der);
  const { publicKey, validFromDate, validToDate } = new X509Certificate(der);
  const hours = (validToDate.getTime() - validFromDate.getTime()) / 3_600_000;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? '';
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    validityHours: Math.round(hours),
    signatureHash: certificate.signatureAlgorithm === OID.sha256WithRsa ? 'sha256' : 'another',
    key: `${publicKey.asymmetricKeyType?.toUpperCase()}${bits}`,
    extensions: extensionFacts(certificate),
  };
}

/** RFC 4514, the last part first; the members of one part have no order, so they are sorted. */
export const subjectOf = (der: Buffer): string => nameText(parseCertificate(der).subject);

const LABELS: Readonly<Record<string, string>> = {
  [OID.commonName]: 'CN',
  [OID.organization]: 'O',
  [OID.organizationalUnit]: 'OU',
};

function nameText({ raw, attributes }: Name): string {
  const parts = readChildren(readWhole(raw, TAG.sequence, 'name').content).map(
    (part) => readChildren(expectTag(part, TAG.set, 'RDN').content).length,
  );
  const rest = [...attributes];
  return parts
    .map((count) => rest.splice(0, count))
    .map((part) =>
      part
        .map(({ oid, value }) => `${LABELS[oid]}=${value}`)
        .toSorted()
        .join('+'),
    )
    .toReversed()
    .join(',');
}

/** Names of the recordings by bit; other bits are never set. */
const KEY_USAGES: Readonly<Record<number, string>> = {
  0: 'digital_signature',
  2: 'key_encipherment',
  5: 'key_cert_sign',
};
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  [OID.serverAuth]: 'serverAuth',
  [OID.clientAuth]: 'clientAuth',
};

function extensionFacts(certificate: Certificate): object {
  const { altNames, basicConstraints, subjectKeyIdentifier, authorityKeyIdentifier } = certificate;
  const find = (oid: string) => certificate.extensions.find((extension) => extension.oid === oid);
  const usage = find(OID.keyUsage);
  const extended = new X509Certificate(certificate.der).keyUsage as readonly string[] | undefined;
  return {
    ...(usage && { keyUsage: usageNames(usage.value), 'keyUsage.critical': usage.critical }),
    ...(extended && { extendedKeyUsage: extended.map((oid) => EXTENDED_KEY_USAGES[oid] ?? oid) }),
    ...(basicConstraints && {
      basicConstraints: { ca: basicConstraints.ca, pathLength: basicConstraints.pathLength ?? null },
      'basicConstraints.critical': find(OID.basicConstraints)?.critical,
    }),
    ...(subjectKeyIdentifier && { subjectKeyIdentifier: true }),
    ...(authorityKeyIdentifier && { authorityKeyIdentifier: true }),
    ...(altNames.length > 0 && {
      subjectAltName: altNames.map((name) =>
        name.type === 'other' ? 'other' : `${name.type.toUpperCase()}:${name.value}`,
      ),
    }),
  };
}

/** BIT STRING: tag, length, count of unused bits, bits. */
function usageNames(value: Buffer): string[] {
  const bits = value.subarray(3);
  const set = Array.from({ length: bits.length * 8 }, (_, i) => i).filter(
    (i) => (bits[i >> 3]! & (0x80 >> (i & 7))) !== 0,
  );
  return set.map((bit) => KEY_USAGES[bit] ?? `bit ${bit}`).toSorted();
}
