import { type KeyObject, sign } from 'node:crypto';
import { encodeBitString, encodeNull, encodeOid, encodeSequence } from '#formats/der.ts';
import { keySpecOf } from './keys.ts';
import { OID } from './oids.ts';

export interface SignatureAlgorithm {
  /** AlgorithmIdentifier. RSA has NULL parameters (RFC 4055), ECDSA and Ed25519 none (RFC 5758, RFC 8410). */
  readonly identifier: Buffer;
  /** `undefined`: the algorithm hashes by itself. */
  readonly digest: 'sha256' | 'sha384' | undefined;
}

/** What a key signs certificates with: the digest follows the key, never the certificate that is replaced. */
export function signatureAlgorithmOf(key: KeyObject): SignatureAlgorithm {
  const spec = keySpecOf(key);
  if (spec.type === 'rsa') {
    return { identifier: encodeSequence(encodeOid(OID.sha256WithRsa), encodeNull()), digest: 'sha256' };
  }
  if (spec.type === 'ed25519') {
    return { identifier: encodeSequence(encodeOid(OID.ed25519)), digest: undefined };
  }
  return spec.curve === 'P-256'
    ? { identifier: encodeSequence(encodeOid(OID.ecdsaWithSha256)), digest: 'sha256' }
    : { identifier: encodeSequence(encodeOid(OID.ecdsaWithSha384)), digest: 'sha384' };
}

/** The certificate around a TBSCertificate that already names the key's algorithm. */
export function signCertificate(tbs: Buffer, signingKey: KeyObject): Buffer {
  const { identifier, digest } = signatureAlgorithmOf(signingKey);
  return encodeSequence(tbs, identifier, encodeBitString(sign(digest, tbs, signingKey)));
}
