import { Failure } from '#base/failure.ts';
import {
  contextTag,
  decodeBoolean,
  decodeInteger,
  decodeOid,
  encodeBitString,
  encodeBoolean,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTlv,
  expectTag,
  readChildren,
  readWhole,
  TAG,
  type Tlv,
} from '#formats/der.ts';
import { ipOctets, ipText } from './ipAddress.ts';
import { OID } from './oids.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** Content of the extnValue OCTET STRING. */
  readonly value: Buffer;
  readonly raw: Buffer;
}

/** One GeneralName; `other` are the types nobody rewrites. */
export type AltName =
  | { readonly type: 'dns' | 'ip'; readonly value: string }
  | { readonly type: 'other'; readonly raw: Buffer };

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Buffer;
  /** Content octets of the INTEGER. */
  readonly serial?: Buffer;
}

/** Bits of RFC 5280 4.2.1.3, in their order. */
const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];
export type ExtendedKeyUsage = 'serverAuth' | 'clientAuth';

const DNS_NAME = contextTag(2);
const IP_ADDRESS = contextTag(7);
const DIRECTORY_NAME = contextTag(4, true);
const KEY_IDENTIFIER = contextTag(0);
const AUTHORITY_ISSUER = contextTag(1, true);
const AUTHORITY_SERIAL = contextTag(2);

/** @throws Failure formats/der-malformed */
export function parseExtension(tlv: Tlv): Extension {
  const fields = readChildren(expectTag(tlv, TAG.sequence, 'extension').content);
  const oid = decodeOid(expectTag(fields[0], TAG.oid, 'extension type').content);
  const critical = fields.length === 3 && fields[1] !== undefined && decodeBoolean(fields[1]);
  const value = expectTag(fields.at(-1), TAG.octetString, 'extension value').content;
  return { oid, critical, value, raw: tlv.raw };
}

export const encodeExtension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value));

export const parseAltNames = (value: Buffer): AltName[] =>
  readChildren(readWhole(value, TAG.sequence, 'subjectAltName').content).map(altName);

function altName({ tag, content, raw }: Tlv): AltName {
  if (tag === DNS_NAME) return { type: 'dns', value: content.toString('latin1') };
  const ip = tag === IP_ADDRESS ? ipText(content) : undefined;
  return ip === undefined ? { type: 'other', raw } : { type: 'ip', value: ip };
}

/** @throws Failure pki/san-invalid for an address that is none or a name outside ASCII. */
export const encodeAltNames = (names: readonly AltName[]): Buffer =>
  encodeSequence(...names.map(encodeAltName));

function encodeAltName(name: AltName): Buffer {
  if (name.type === 'other') return name.raw;
  if (name.type === 'dns' && /^[\x21-\x7e]+$/.test(name.value)) {
    return encodeTlv(DNS_NAME, Buffer.from(name.value, 'latin1'));
  }
  const octets = name.type === 'ip' ? ipOctets(name.value) : undefined;
  if (octets === undefined) {
    throw new Failure({
      code: 'pki/san-invalid',
      message: `"${name.value}" cannot be a subject alternative name of type ${name.type}`,
    });
  }
  return encodeTlv(IP_ADDRESS, octets);
}

/** The extension's value with every name mapped; a name that `map` gives back itself keeps its bytes. */
export function mapAltNames(value: Buffer, map: (name: AltName) => AltName): Buffer {
  const names = readChildren(readWhole(value, TAG.sequence, 'subjectAltName').content);
  return encodeSequence(
    ...names.map((tlv) => {
      const before = altName(tlv);
      const after = map(before);
      return after === before ? tlv.raw : encodeAltName(after);
    }),
  );
}

export const parseSubjectKeyIdentifier = (value: Buffer): Buffer =>
  readWhole(value, TAG.octetString, 'subjectKeyIdentifier').content;

export function parseAuthorityKeyIdentifier(value: Buffer): AuthorityKeyIdentifier {
  const fields = readChildren(readWhole(value, TAG.sequence, 'authorityKeyIdentifier').content);
  const keyIdentifier = fields.find(({ tag }) => tag === KEY_IDENTIFIER)?.content;
  const serial = fields.find(({ tag }) => tag === AUTHORITY_SERIAL)?.content;
  return { ...(keyIdentifier && { keyIdentifier }), ...(serial && { serial }) };
}

export const encodeAuthorityKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  encodeSequence(encodeTlv(KEY_IDENTIFIER, keyIdentifier));

/** The extension's value with those fields replaced that it has; `issuer` maps the Name of a directoryName. */
export function replaceAuthorityKeyIdentifier(
  value: Buffer,
  authority: { readonly keyIdentifier: Buffer; readonly serial: Buffer; issuer(name: Buffer): Buffer },
): Buffer {
  const fields = readChildren(readWhole(value, TAG.sequence, 'authorityKeyIdentifier').content);
  return encodeSequence(
    ...fields.map((field) => {
      if (field.tag === KEY_IDENTIFIER) return encodeTlv(KEY_IDENTIFIER, authority.keyIdentifier);
      if (field.tag === AUTHORITY_SERIAL) return encodeTlv(AUTHORITY_SERIAL, authority.serial);
      if (field.tag !== AUTHORITY_ISSUER) return field.raw;
      const names = readChildren(field.content).map((name) =>
        name.tag === DIRECTORY_NAME ? encodeTlv(DIRECTORY_NAME, authority.issuer(name.content)) : name.raw,
      );
      return encodeTlv(AUTHORITY_ISSUER, ...names);
    }),
  );
}

export function parseBasicConstraints(value: Buffer): BasicConstraints {
  const fields = readChildren(readWhole(value, TAG.sequence, 'basicConstraints').content);
  const ca = fields[0]?.tag === TAG.boolean && decodeBoolean(fields[0]);
  const limit = fields.find(({ tag }) => tag === TAG.integer);
  return limit === undefined ? { ca } : { ca, pathLength: Number(decodeInteger(limit.content)) };
}

export const encodeBasicConstraints = ({ ca, pathLength }: BasicConstraints): Buffer =>
  encodeSequence(
    ...(ca ? [encodeBoolean(true)] : []),
    ...(ca && pathLength !== undefined ? [encodeInteger(BigInt(pathLength))] : []),
  );

/** BIT STRING without trailing zero bits, as DER wants named bit lists. */
export function encodeKeyUsage(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const octet = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return octet === 0
    ? encodeBitString(Buffer.alloc(0))
    : encodeBitString(Buffer.from([octet]), 7 - Math.max(...bits));
}

export const encodeExtendedKeyUsage = (usages: readonly ExtendedKeyUsage[]): Buffer =>
  encodeSequence(...usages.map((usage) => encodeOid(OID[usage])));
