import { createHash } from 'node:crypto';
import { readChildren, readWhole, TAG } from '#formats/der.ts';
import { subjectPublicKey } from './keys.ts';

/**
 * How a subject key identifier was derived from its key (RFC 5280 4.2.1.2, RFC 7093 section 2); the `modulus` methods
 * are those of OpenShift's library-go and exist for RSA keys only.
 */
export type SubjectKeyIdMethod = 'rfc7093' | 'rfc5280' | 'modulus-sha1' | 'modulus-sha256';

/** The order in which methods are tried; an earlier one wins where two give the same value. */
const METHODS: readonly SubjectKeyIdMethod[] = ['rfc7093', 'rfc5280', 'modulus-sha1', 'modulus-sha256'];
const OCTETS = 20;

/** Exists for keys of every type. @throws Failure formats/der-malformed */
export const rfc7093KeyId = (spki: Buffer): Buffer => truncatedHash('sha256', subjectPublicKey(spki));

/** `undefined` where the method needs an RSA key and the key is none. @throws Failure formats/der-malformed */
export function subjectKeyId(spki: Buffer, method: SubjectKeyIdMethod): Buffer | undefined {
  const key = subjectPublicKey(spki);
  const hashed = method.startsWith('modulus') ? rsaModulus(key) : key;
  const algorithm = method === 'rfc5280' || method === 'modulus-sha1' ? 'sha1' : 'sha256';
  return hashed && truncatedHash(algorithm, hashed);
}

/** `undefined` where no known method gives this identifier for this key. */
export const detectSubjectKeyIdMethod = (spki: Buffer, identifier: Buffer): SubjectKeyIdMethod | undefined =>
  METHODS.find((method) => subjectKeyId(spki, method)?.equals(identifier));

/** An RSA public key is a SEQUENCE; an EC point starts with 2, 3 or 4 and an Ed25519 key is 32 octets. */
function rsaModulus(key: Buffer): Buffer | undefined {
  if (key[0] !== TAG.sequence || key.length < 64) return undefined;
  const modulus = readChildren(readWhole(key, TAG.sequence, 'RSA public key').content)[0]?.content;
  return modulus?.[0] === 0 ? modulus.subarray(1) : modulus;
}

const truncatedHash = (algorithm: 'sha1' | 'sha256', octets: Buffer): Buffer =>
  createHash(algorithm).update(octets).digest().subarray(0, OCTETS);
