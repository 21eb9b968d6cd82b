import type { KeyObject } from 'node:crypto';
import { type Problem, type Report, warning } from '#base/report.ts';
import {
  contextTag,
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  encodeTlv,
  readWhole,
  TAG,
} from '#formats/der.ts';
import { encodeTime } from '#formats/derTime.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { type Extension, encodeExtension, mapAltNames, replaceAuthorityKeyIdentifier } from './extensions.ts';
import { spkiDer } from './keys.ts';
import { type NameRule, renameAltName, renameCommonName } from './nameRules.ts';
import { mapCommonNames } from './names.ts';
import { OID } from './oids.ts';
import { signatureAlgorithmOf, signCertificate } from './signature.ts';
import { detectSubjectKeyIdMethod, rfc7093KeyId, subjectKeyId } from './subjectKeyId.ts';

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What a certificate is to become. Absent fields leave their part of the certificate as it is. */
export interface Reissue {
  readonly certificate: Certificate;
  readonly signer: {
    readonly key: KeyObject;
    /** The issuer's new certificate; absent where the certificate signs itself. */
    readonly certificate?: Certificate;
  };
  /** The new key of the subject, private or public. */
  readonly subjectKey?: KeyObject;
  readonly serial?: bigint;
  /** Applied to the CNs of subject and issuer and to the subject alternative names. */
  readonly rules?: readonly NameRule[];
  readonly validity?: Validity;
}

export interface Reissued {
  readonly certificate: Certificate;
  /** Warnings only: identifiers that had to be derived in another way than before. */
  readonly report: Report;
}

/** The parts of the new certificate that its extensions refer to. */
interface Identity {
  readonly spki: Buffer;
  readonly serial: Buffer;
  readonly rules: readonly NameRule[];
}

/** The times that certificates can tell without doubt; certificates "for ever" would be moved out of them. */
const EARLIEST = Date.parse('1950-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/**
 * Signs a certificate anew. Every field and extension that need not change is copied byte for byte, unknown ones
 * included; order and criticality stay. Key identifiers follow the keys: the subject's is derived as the old one was,
 * the authority's is the signer's. The signature algorithm is that of the signing key.
 * @throws Failure formats/der-malformed, pki/san-invalid, pki/key-unsupported
 */
export function reissueCertificate(reissue: Reissue): Reissued {
  const { certificate, signer, rules = [] } = reissue;
  const { tbs } = certificate;
  const rename = (name: Buffer): Buffer => mapCommonNames(name, (cn) => renameCommonName(rules, cn));
  const serial = reissue.serial === undefined ? tbs.serial : encodeInteger(reissue.serial);
  const identity: Identity = {
    spki: reissue.subjectKey === undefined ? tbs.spki : spkiDer(reissue.subjectKey),
    serial: readWhole(serial, TAG.integer, 'serial number').content,
    rules,
  };
  const { extensions, report } = reissueExtensions(certificate, identity, signer.certificate);
  const unsigned = encodeSequence(
    ...(tbs.version === undefined ? [] : [tbs.version]),
    serial,
    signatureAlgorithmOf(signer.key).identifier,
    rename(tbs.issuer),
    reissue.validity === undefined ? tbs.validity : encodeValidity(reissue.validity),
    rename(tbs.subject),
    identity.spki,
    ...tbs.extras,
    ...(tbs.extensions === undefined ? [] : [encodeTlv(contextTag(3, true), encodeSequence(...extensions))]),
  );
  return { certificate: parseCertificate(signCertificate(unsigned, signer.key)), report };
}

/** Whether the rules change anything that the certificate says (recert's ip_change_only asks this). */
export function isRenamed(certificate: Certificate, rules: readonly NameRule[]): boolean {
  const renamed = (commonName: string): boolean => renameCommonName(rules, commonName) !== commonName;
  const names = [...certificate.subject.attributes, ...certificate.issuer.attributes];
  return (
    names.some(({ oid, value }) => oid === OID.commonName && renamed(value)) ||
    certificate.altNames.some((name) => renameAltName(rules, name) !== name)
  );
}

/** The same span of time from now on. */
export function extendedValidity({ notBefore, notAfter }: Certificate, now: Date): Validity {
  const end = now.getTime() + notAfter.date.getTime() - notBefore.date.getTime();
  return { notBefore: now, notAfter: new Date(Math.min(end, LATEST)) };
}

/** Over by now; the span is kept, so that a later extension restores it. */
export function expiredValidity({ notBefore, notAfter }: Certificate, now: Date): Validity {
  const span = notAfter.date.getTime() - notBefore.date.getTime();
  return { notBefore: new Date(Math.max(now.getTime() - span, EARLIEST)), notAfter: now };
}

const encodeValidity = ({ notBefore, notAfter }: Validity): Buffer =>
  encodeSequence(encodeTime(notBefore), encodeTime(notAfter));

function reissueExtensions(
  certificate: Certificate,
  identity: Identity,
  issuer: Certificate | undefined,
): { extensions: Buffer[]; report: Problem[] } {
  const report: Problem[] = [];
  const subject = newSubjectKeyId(certificate, identity.spki, report);
  const authorityKeyId = issuer === undefined ? subject : issuer.subjectKeyIdentifier;
  if (certificate.authorityKeyIdentifier?.keyIdentifier !== undefined && authorityKeyId === undefined) {
    report.push(
      warning(certificate.subject.friendly, 'its issuer has no key identifier; one was derived by RFC 7093'),
    );
  }
  const authority = {
    keyIdentifier: authorityKeyId ?? rfc7093KeyId(issuer?.spki ?? identity.spki),
    serial: issuer?.serial ?? identity.serial,
    issuer: (name: Buffer): Buffer => mapCommonNames(name, (cn) => renameCommonName(identity.rules, cn)),
  };
  const replaced = (extension: Extension): Buffer => {
    switch (extension.oid) {
      case OID.subjectKeyIdentifier:
        return encodeOctetString(subject ?? extension.value);
      case OID.authorityKeyIdentifier:
        return replaceAuthorityKeyIdentifier(extension.value, authority);
      case OID.subjectAltName:
        return mapAltNames(extension.value, (name) => renameAltName(identity.rules, name));
      default:
        return extension.value;
    }
  };
  const extensions = certificate.extensions.map((extension) => {
    const value = replaced(extension);
    if (value.equals(extension.value)) return extension.raw;
    return encodeExtension(extension.oid, extension.critical, value);
  });
  return { extensions, report };
}

/** `undefined` where the certificate has no subject key identifier. */
function newSubjectKeyId(certificate: Certificate, spki: Buffer, report: Problem[]): Buffer | undefined {
  const old = certificate.subjectKeyIdentifier;
  if (old === undefined || spki.equals(certificate.spki)) return old;
  const method = detectSubjectKeyIdMethod(certificate.spki, old);
  const identifier = method && subjectKeyId(spki, method);
  if (identifier !== undefined) return identifier;
  report.push(
    warning(
      certificate.subject.friendly,
      'its key identifier follows no method known for the new key; RFC 7093 is used',
    ),
  );
  return rfc7093KeyId(spki);
}
