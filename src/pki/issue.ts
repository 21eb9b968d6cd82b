import { type KeyObject, randomBytes } from 'node:crypto';
import { contextTag, encodeInteger, encodeOctetString, encodeSequence, encodeTlv } from '#formats/der.ts';
import { encodeTime } from '#formats/derTime.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import {
  type BasicConstraints,
  type ExtendedKeyUsage,
  encodeAltNames,
  encodeAuthorityKeyIdentifier,
  encodeBasicConstraints,
  encodeExtendedKeyUsage,
  encodeExtension,
  encodeKeyUsage,
  type KeyUsage,
} from './extensions.ts';
import { spkiDer } from './keys.ts';
import { encodeName, type NameSpec } from './names.ts';
import { OID } from './oids.ts';
import { signatureAlgorithmOf, signCertificate } from './signature.ts';
import { type SubjectKeyIdMethod, subjectKeyId } from './subjectKeyId.ts';

/** Everything a new certificate says besides its key and its issuer. An absent field means no such extension. */
export interface CertificateSpec {
  readonly subject: NameSpec;
  readonly serial: bigint;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  readonly basicConstraints?: BasicConstraints;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly subjectKeyIdentifier?: SubjectKeyIdMethod;
}

/** A certificate with its private key: what signs others. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/**
 * A new certificate for the public half of `key`; self-signed with `key` where there is no issuer. Extensions come in
 * the order of Go's crypto/x509; key usage and basic constraints are critical. As in Go, an issuer's key identifier is
 * named where it has one, and self-signed certificates name none.
 */
export function issueCertificate(spec: CertificateSpec, key: KeyObject, issuer?: Issuer): Certificate {
  const signingKey = issuer?.key ?? key;
  const subject = encodeName(spec.subject);
  const spki = spkiDer(key);
  const extensions = encodeExtensions(spec, spki, issuer?.certificate.subjectKeyIdentifier);
  const tbs = encodeSequence(
    encodeTlv(contextTag(0, true), encodeInteger(2n)),
    encodeInteger(spec.serial),
    signatureAlgorithmOf(signingKey).identifier,
    issuer?.certificate.tbs.subject ?? subject,
    encodeSequence(encodeTime(spec.notBefore), encodeTime(spec.notAfter)),
    subject,
    spki,
    ...(extensions.length === 0 ? [] : [encodeTlv(contextTag(3, true), encodeSequence(...extensions))]),
  );
  return parseCertificate(signCertificate(tbs, signingKey));
}

function encodeExtensions(spec: CertificateSpec, spki: Buffer, issuerKeyId: Buffer | undefined): Buffer[] {
  const altNames = [
    ...(spec.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(spec.ipAddresses ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  const keyId = spec.subjectKeyIdentifier && subjectKeyId(spki, spec.subjectKeyIdentifier);
  const extension = (oid: string, value: Buffer | undefined, critical = false): Buffer[] =>
    value === undefined ? [] : [encodeExtension(oid, critical, value)];
  return [
    extension(OID.keyUsage, spec.keyUsage && encodeKeyUsage(spec.keyUsage), true),
    extension(OID.extendedKeyUsage, spec.extendedKeyUsage && encodeExtendedKeyUsage(spec.extendedKeyUsage)),
    extension(
      OID.basicConstraints,
      spec.basicConstraints && encodeBasicConstraints(spec.basicConstraints),
      true,
    ),
    extension(OID.subjectKeyIdentifier, keyId && encodeOctetString(keyId)),
    extension(OID.authorityKeyIdentifier, issuerKeyId && encodeAuthorityKeyIdentifier(issuerKeyId)),
    extension(OID.subjectAltName, altNames.length > 0 ? encodeAltNames(altNames) : undefined),
  ].flat();
}

/** Random serial in [0, 2^63 - 1), the range of OpenShift's certificates. */
export function randomSerial(random: (octets: number) => Buffer = randomBytes): bigint {
  for (;;) {
    const serial = random(8).readBigUInt64BE() >> 1n;
    if (serial < (1n << 63n) - 1n) return serial;
  }
}
