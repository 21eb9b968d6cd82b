import { createHash } from 'node:crypto';
import {
  BIT_STRING,
  contextTag,
  type Element,
  INTEGER,
  OCTET_STRING,
  readChildren,
  readElement,
  SEQUENCE,
} from './asn1.ts';
import type { SecretKind } from './secret.ts';

/** Byte strings that are distinctive for one thing found in an encoded key or certificate. */
export interface Trait {
  readonly kind: SecretKind;
  readonly distinctive: readonly Buffer[];
  /** SHA-256 of a certificate's DER, to tell external authorities apart. */
  readonly sha256?: string;
}

/**
 * What the DER at the start of the bytes is: PKCS#1, PKCS#8, SEC 1, SubjectPublicKeyInfo, a certificate or a request.
 * It goes by structure, not by label, as labels lie (OpenShift writes SPKI under `RSA PUBLIC KEY`). No traits if none.
 */
export function readDer(bytes: Buffer): { readonly traits: readonly Trait[]; readonly length: number } {
  const element = readElement(bytes);
  if (element?.tag !== SEQUENCE) return { traits: [], length: 0 };
  return { traits: traitsOfSequence(element), length: element.bytes.length };
}

function traitsOfSequence(element: Element): readonly Trait[] {
  const children = readChildren(element);
  if (children === undefined) return [];
  const shape = children.map((child) => child.tag);
  if (startsWith(shape, [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER])) return rsaTraits(children);
  if (startsWith(shape, [INTEGER, SEQUENCE, OCTET_STRING])) return pkcs8Traits(children);
  if (startsWith(shape, [INTEGER, OCTET_STRING])) return sec1Traits(children);
  if (startsWith(shape, [SEQUENCE, SEQUENCE, BIT_STRING])) return signedTraits(element, children);
  if (startsWith(shape, [SEQUENCE, BIT_STRING])) return publicKeyTraits(element);
  return [];
}

const startsWith = (shape: readonly number[], start: readonly number[]): boolean =>
  start.every((tag, index) => shape[index] === tag);

const privateKey = (...distinctive: Buffer[]): Trait => ({ kind: 'private-key', distinctive });
const publicKey = (...distinctive: Buffer[]): Trait => ({ kind: 'public-key', distinctive });

/** RFC 8017: version, n, e, d, p, q, ... A leading zero byte is sign, not value. */
function rsaTraits(children: readonly Element[]): Trait[] {
  const [, n, , d, p, q] = children.map((child) => unsigned(child.content));
  return [privateKey(p!, q!, d!), publicKey(n!)];
}

export const unsigned = (integer: Buffer): Buffer => (integer[0] === 0 ? integer.subarray(1) : integer);

/** RFC 5208: the octet string holds the key in its own format; an Ed25519 key is an octet string again (RFC 8410). */
function pkcs8Traits(children: readonly Element[]): readonly Trait[] {
  const inner = readElement(children[2]!.content);
  if (inner?.tag === OCTET_STRING) return [privateKey(inner.content)];
  return inner?.tag === SEQUENCE ? traitsOfSequence(inner) : [];
}

/** RFC 5915: version, scalar, [0] curve, [1] point. */
function sec1Traits(children: readonly Element[]): Trait[] {
  const point = children.find((child) => child.tag === contextTag(1));
  const pointBits = point === undefined ? undefined : readElement(point.content);
  const traits = [privateKey(children[1]!.content)];
  return pointBits === undefined ? traits : [...traits, publicKey(pointBits.content.subarray(2))];
}

/** RFC 5280 certificates and RFC 2986 requests: a signed body that holds a SubjectPublicKeyInfo. */
function signedTraits(element: Element, [body, , signature]: readonly Element[]): Trait[] {
  const parts = readChildren(body) ?? [];
  const keyInfo = parts.find((part) => {
    const tags = readChildren(part)?.map((child) => child.tag) ?? [];
    return part.tag === SEQUENCE && tags.length === 2 && startsWith(tags, [SEQUENCE, BIT_STRING]);
  });
  if (keyInfo === undefined) return [];
  const sha256 = createHash('sha256').update(element.bytes).digest('hex');
  const marks = { sha256, distinctive: [signature!.content.subarray(1)] };
  return [{ kind: 'certificate', ...marks }, ...publicKeyTraits(keyInfo).map((t) => ({ ...t, sha256 }))];
}

/** The bits are a PKCS#1 public key (SEQUENCE of n and e), a curve point (0x04, X, Y) or an Ed25519 key. */
function publicKeyTraits(keyInfo: Element): Trait[] {
  const bits = readChildren(keyInfo)?.[1]?.content.subarray(1);
  if (bits === undefined) return [];
  const [modulus] = readChildren(readElement(bits)) ?? [];
  if (bits[0] === SEQUENCE && modulus?.tag === INTEGER) return [publicKey(unsigned(modulus.content))];
  return [publicKey(bits[0] === 4 ? bits.subarray(1) : bits)];
}
