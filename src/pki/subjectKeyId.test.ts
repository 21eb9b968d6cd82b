import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeyDer, publicKeyOf, spkiDer } from './keys.ts';
import { detectSubjectKeyIdMethod, subjectKeyId } from './subjectKeyId.ts';
import { ecKey, ed25519Key, rsaKey } from './testing.ts';

const hash = (algorithm: string, octets: Buffer): Buffer =>
  createHash(algorithm).update(octets).digest().subarray(0, 20);

test('each method hashes what its source says, and is detected', () => {
  const key = rsaKey();
  const modulus = Buffer.from(publicKeyOf(key).export({ format: 'jwk' }).n ?? '', 'base64url');
  const expected = {
    rfc7093: hash('sha256', publicKeyDer(key, 'pkcs1')),
    rfc5280: hash('sha1', publicKeyDer(key, 'pkcs1')),
    'modulus-sha1': hash('sha1', modulus),
    'modulus-sha256': hash('sha256', modulus),
  };
  for (const method of ['rfc7093', 'rfc5280', 'modulus-sha1', 'modulus-sha256'] as const) {
    expect(subjectKeyId(spkiDer(key), method)).toEqual(expected[method]);
    expect(detectSubjectKeyIdMethod(spkiDer(key), expected[method])).toBe(method);
  }
});

test('keys other than RSA have no modulus', () => {
  for (const key of [ecKey(), ecKey('P-384'), ed25519Key()]) {
    const spki = spkiDer(key);
    expect(subjectKeyId(spki, 'modulus-sha1')).toBeUndefined();
    expect(detectSubjectKeyIdMethod(spki, subjectKeyId(spki, 'rfc5280')!)).toBe('rfc5280');
    expect(detectSubjectKeyIdMethod(spki, Buffer.alloc(20))).toBeUndefined();
  }
});
