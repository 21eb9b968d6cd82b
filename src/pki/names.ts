import {
  decodeOid,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTlv,
  expectTag,
  readChildren,
  readWhole,
  TAG,
  type Tlv,
} from '#formats/der.ts';
import { OID } from './oids.ts';

export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

/** A Name as found: the raw bytes and what people read. */
export interface Name {
  readonly raw: Buffer;
  /** In the order of the certificate; attributes whose value is no known string type are left out. */
  readonly attributes: readonly NameAttribute[];
  /** `CN=a, OU=b`: CN, OU, O, L, S, C in this order whatever the certificate's is (recert's identity string). */
  readonly friendly: string;
  /** The CN where there is exactly one. */
  readonly commonName: string | undefined;
}

/** Relative distinguished names in the order they are written; one of several attributes is a multi-valued RDN. */
export type NameSpec = readonly (readonly NameAttribute[])[];

const FRIENDLY: readonly (readonly [oid: string, label: string])[] = [
  [OID.commonName, 'CN'],
  [OID.organizationalUnit, 'OU'],
  [OID.organization, 'O'],
  [OID.locality, 'L'],
  [OID.stateOrProvince, 'S'],
  [OID.country, 'C'],
];

/**
 * The subject shape of Go's crypto/x509, which OpenShift's certificates have: O, OU, CN in this order, all values of
 * one attribute in one multi-valued RDN.
 */
export function goName(parts: {
  readonly commonName?: string;
  readonly organization?: readonly string[];
  readonly organizationalUnit?: readonly string[];
}): NameSpec {
  const rdn = (oid: string, values: readonly string[] = []): NameAttribute[] =>
    values.map((value) => ({ oid, value }));
  return [
    rdn(OID.organization, parts.organization),
    rdn(OID.organizationalUnit, parts.organizationalUnit),
    rdn(OID.commonName, parts.commonName === undefined ? [] : [parts.commonName]),
  ].filter((attributes) => attributes.length > 0);
}

/** @throws Failure formats/der-malformed */
export function parseName(raw: Buffer): Name {
  const attributes: NameAttribute[] = [];
  for (const rdn of readChildren(readWhole(raw, TAG.sequence, 'name').content)) {
    for (const pair of readChildren(expectTag(rdn, TAG.set, 'RDN').content)) {
      const [oid, value] = readChildren(expectTag(pair, TAG.sequence, 'attribute').content);
      const text = value && decodeDirectoryString(value.tag, value.content);
      if (text === undefined) continue;
      attributes.push({ oid: decodeOid(expectTag(oid, TAG.oid, 'attribute type').content), value: text });
    }
  }
  const common = attributes.filter(({ oid }) => oid === OID.commonName);
  return {
    raw,
    attributes,
    friendly: friendlyName(attributes),
    commonName: common.length === 1 ? common[0]?.value : undefined,
  };
}

const friendlyName = (attributes: readonly NameAttribute[]): string =>
  FRIENDLY.flatMap(([oid, label]) =>
    attributes.filter((attribute) => attribute.oid === oid).map(({ value }) => `${label}=${value}`),
  ).join(', ');

/** PrintableString where the value allows it, UTF8String otherwise, as Go chooses. */
export const encodeName = (spec: NameSpec): Buffer =>
  encodeSequence(
    ...spec.map((rdn) =>
      encodeSetOf(
        rdn.map(({ oid, value }) =>
          encodeSequence(encodeOid(oid), encodeDirectoryString(TAG.printableString, value)),
        ),
      ),
    ),
  );

/**
 * The name with every CN mapped; string types and all other bytes are kept.
 * @throws Failure formats/der-malformed
 */
export function mapCommonNames(raw: Buffer, map: (commonName: string) => string): Buffer {
  const rdns = readChildren(readWhole(raw, TAG.sequence, 'name').content);
  const mapped = rdns.map((rdn) => {
    const before = readChildren(rdn.content);
    const after = before.map((attribute) => mapCommonName(attribute, map));
    return after.every((bytes, i) => bytes === before[i]?.raw) ? rdn.raw : encodeSetOf(after);
  });
  return mapped.every((bytes, i) => bytes === rdns[i]?.raw) ? raw : encodeSequence(...mapped);
}

function mapCommonName(attribute: Tlv, map: (commonName: string) => string): Buffer {
  const [oid, value] = readChildren(attribute.content);
  if (oid?.tag !== TAG.oid || value === undefined || decodeOid(oid.content) !== OID.commonName)
    return attribute.raw;
  const before = decodeDirectoryString(value.tag, value.content);
  const after = before === undefined ? undefined : map(before);
  if (after === undefined || after === before) return attribute.raw;
  return encodeSequence(oid.raw, encodeDirectoryString(value.tag, after));
}

/** `undefined` for a type that is no string of X.520. */
function decodeDirectoryString(tag: number, content: Buffer): string | undefined {
  switch (tag) {
    case TAG.utf8String:
      return content.toString('utf8');
    case TAG.printableString:
    case TAG.teletexString:
    case TAG.ia5String:
      return content.toString('latin1');
    case TAG.bmpString:
      return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
    default:
      return undefined;
  }
}

/** Keeps the wanted type unless it cannot hold the value: a PrintableString with `@` is refused by Go. */
function encodeDirectoryString(tag: number, value: string): Buffer {
  const holds: Readonly<Record<number, RegExp>> = {
    [TAG.printableString]: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
    [TAG.teletexString]: /^[\x20-\x7e]*$/,
    [TAG.ia5String]: /^[\x00-\x7f]*$/,
  };
  if (tag === TAG.bmpString && /^[\0-\uffff]*$/.test(value)) {
    return encodeTlv(tag, Buffer.from(value, 'utf16le').swap16());
  }
  return holds[tag]?.test(value)
    ? encodeTlv(tag, Buffer.from(value, 'latin1'))
    : encodeTlv(TAG.utf8String, Buffer.from(value, 'utf8'));
}
