import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import {
  contextTag,
  decodeBitStringOctets,
  decodeOid,
  expectTag,
  readChildren,
  readWhole,
  TAG,
  type Tlv,
} from '#formats/der.ts';
import { type DerTime, decodeTime } from '#formats/derTime.ts';
import {
  type AltName,
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type Extension,
  parseAltNames,
  parseAuthorityKeyIdentifier,
  parseBasicConstraints,
  parseExtension,
  parseSubjectKeyIdentifier,
} from './extensions.ts';
import { publicKeyOf } from './keys.ts';
import { type Name, parseName } from './names.ts';
import { OID } from './oids.ts';

/** A certificate as read: all Buffers are slices of `der`. */
export interface Certificate {
  readonly der: Buffer;
  readonly tbs: TbsFields;
  /** Content octets of the serial INTEGER. */
  readonly serial: Buffer;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: DerTime;
  readonly notAfter: DerTime;
  /** SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly extensions: readonly Extension[];
  readonly altNames: readonly AltName[];
  readonly subjectKeyIdentifier: Buffer | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly basicConstraints: BasicConstraints | undefined;
  /** OID of the algorithm it was signed with. */
  readonly signatureAlgorithm: string;
}

/** The fields of TBSCertificate in their order, raw. `extras` are version-2 unique identifiers. */
export interface TbsFields {
  readonly version: Buffer | undefined;
  readonly serial: Buffer;
  readonly signature: Buffer;
  readonly issuer: Buffer;
  readonly validity: Buffer;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly extras: readonly Buffer[];
  readonly extensions: Buffer | undefined;
}

const VERSION = contextTag(0, true);
const EXTENSIONS = contextTag(3, true);

/** @throws Failure pki/certificate-unreadable for anything that is not one strict-DER X.509 certificate. */
export function parseCertificate(der: Buffer): Certificate {
  try {
    return readCertificate(der);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({ code: 'pki/certificate-unreadable', message: 'certificate is not readable', cause });
  }
}

function readCertificate(der: Buffer): Certificate {
  const [tbsTlv, algorithm, signature] = readChildren(readWhole(der, TAG.sequence, 'certificate').content);
  decodeBitStringOctets(signature, 'signature');
  const tbs = readTbs(expectTag(tbsTlv, TAG.sequence, 'TBSCertificate').content);
  const [notBefore, notAfter] = readChildren(readWhole(tbs.validity, TAG.sequence, 'validity').content);
  const extensions = readExtensions(tbs.extensions);
  const extensionValue = (oid: string): Buffer | undefined => extensions.find((e) => e.oid === oid)?.value;
  const map = <T>(value: Buffer | undefined, parse: (value: Buffer) => T): T | undefined =>
    value === undefined ? undefined : parse(value);
  return {
    der,
    tbs,
    serial: readWhole(tbs.serial, TAG.integer, 'serial number').content,
    issuer: parseName(tbs.issuer),
    subject: parseName(tbs.subject),
    notBefore: decodeTime(notBefore),
    notAfter: decodeTime(notAfter),
    spki: tbs.spki,
    extensions,
    altNames: map(extensionValue(OID.subjectAltName), parseAltNames) ?? [],
    subjectKeyIdentifier: map(extensionValue(OID.subjectKeyIdentifier), parseSubjectKeyIdentifier),
    authorityKeyIdentifier: map(extensionValue(OID.authorityKeyIdentifier), parseAuthorityKeyIdentifier),
    basicConstraints: map(extensionValue(OID.basicConstraints), parseBasicConstraints),
    signatureAlgorithm: algorithmOid(expectTag(algorithm, TAG.sequence, 'signature algorithm')),
  };
}

function readTbs(content: Buffer): TbsFields {
  const fields = readChildren(content);
  const version = fields[0]?.tag === VERSION ? fields.shift() : undefined;
  const [serial, signature, issuer, validity, subject, spki, ...rest] = fields;
  const extensions = rest.at(-1)?.tag === EXTENSIONS ? rest.pop() : undefined;
  return {
    version: version?.raw,
    serial: expectTag(serial, TAG.integer, 'serial number').raw,
    signature: expectTag(signature, TAG.sequence, 'signature algorithm').raw,
    issuer: expectTag(issuer, TAG.sequence, 'issuer').raw,
    validity: expectTag(validity, TAG.sequence, 'validity').raw,
    subject: expectTag(subject, TAG.sequence, 'subject').raw,
    spki: expectTag(spki, TAG.sequence, 'subjectPublicKeyInfo').raw,
    extras: rest.map(({ raw }) => raw),
    extensions: extensions?.raw,
  };
}

function readExtensions(raw: Buffer | undefined): Extension[] {
  if (raw === undefined) return [];
  const { content } = readWhole(raw, EXTENSIONS, 'extensions');
  return readChildren(readWhole(content, TAG.sequence, 'extensions').content).map(parseExtension);
}

const algorithmOid = (algorithm: Tlv): string =>
  decodeOid(expectTag(readChildren(algorithm.content)[0], TAG.oid, 'algorithm').content);

/** The certified key. @throws Failure pki/key-unreadable */
export function certificatePublicKey(certificate: Certificate): KeyObject {
  try {
    return createPublicKey({ key: certificate.spki, format: 'der', type: 'spki' });
  } catch {
    const message = `public key of certificate "${certificate.subject.friendly}" is not readable`;
    throw new Failure({ code: 'pki/key-unreadable', message });
  }
}

/** Raw comparison of the names, as recert and Go do it. */
export const isSelfIssued = (certificate: Certificate): boolean =>
  certificate.subject.raw.equals(certificate.issuer.raw);

/** Whether the issuer's key made the signature, with whatever algorithm; `false` for keys of another type. */
export function isSignedBy(certificate: Certificate, issuerKey: KeyObject): boolean {
  const publicKey = publicKeyOf(issuerKey);
  try {
    return new X509Certificate(certificate.der).verify(publicKey);
  } catch {
    return false;
  }
}

/** Hex SHA-256 of the whole certificate. */
export const certificateFingerprint = (certificate: Certificate): string =>
  createHash('sha256').update(certificate.der).digest('hex');
