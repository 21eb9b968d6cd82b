import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { scanPem } from '#formats/pem.ts';
import {
  generateKey,
  type KeySpec,
  keyFingerprint,
  keySpecName,
  keySpecOf,
  parsePrivateKey,
  parsePublicKey,
  privateKeyDer,
  publicKeyDer,
  renderPrivateKeyFile,
  renderPublicKeyFile,
} from './keys.ts';
import { ecKey, ed25519Key, rsaKey } from './testing.ts';

test.each([
  [rsaKey(), 'RSA PRIVATE KEY', 'pkcs1'],
  [rsaKey(), 'PRIVATE KEY', 'pkcs8'],
  [ecKey(), 'EC PRIVATE KEY', 'sec1'],
  [ecKey(), 'EC PRIVATE KEY', 'pkcs8'],
  [ecKey('P-384'), 'EC PRIVATE KEY', 'sec1'],
  [ecKey('P-384'), 'PRIVATE KEY', 'pkcs8'],
  [ed25519Key(), 'PRIVATE KEY', 'pkcs8'],
] as const)('a private key is read and written in its own form (%#)', (key, label, format) => {
  const der = privateKeyDer(key, format);
  const found = parsePrivateKey({ label, der });
  expect(found.format).toBe(format);
  expect(privateKeyDer(found.key, found.format).equals(der)).toBe(true);
  expect(keyFingerprint(found.key)).toBe(keyFingerprint(key));
});

test.each([
  [rsaKey(), 'RSA PUBLIC KEY', 'spki'],
  [rsaKey(), 'RSA PUBLIC KEY', 'pkcs1'],
  [ecKey(), 'PUBLIC KEY', 'spki'],
  [ed25519Key(), 'PUBLIC KEY', 'spki'],
] as const)('a public key is read and written in its own form (%#)', (key, label, format) => {
  const der = publicKeyDer(key, format);
  const found = parsePublicKey({ label, der });
  expect(found.format).toBe(format);
  expect(publicKeyDer(found.key, found.format).equals(der)).toBe(true);
  expect(keyFingerprint(found.key)).toBe(keyFingerprint(key));
});

test('key files have the labels of OpenShift', () => {
  const labels = [rsaKey(), ecKey(), ed25519Key()].flatMap((key) =>
    [renderPrivateKeyFile(key), renderPublicKeyFile(key)].map((text) => scanPem(text).blocks[0]?.label),
  );
  expect(labels).toEqual([
    'RSA PRIVATE KEY',
    'RSA PUBLIC KEY',
    'EC PRIVATE KEY',
    'PUBLIC KEY',
    'PRIVATE KEY',
    'PUBLIC KEY',
  ]);
  const [openshift] = scanPem(renderPublicKeyFile(rsaKey())).blocks;
  expect(parsePublicKey(openshift!).format).toBe('spki');
});

test.each<[KeySpec, string]>([
  [{ type: 'rsa', bits: 1024 }, 'rsa-1024'],
  [{ type: 'ec', curve: 'P-256' }, 'ec-P-256'],
  [{ type: 'ec', curve: 'P-384' }, 'ec-P-384'],
  [{ type: 'ed25519' }, 'ed25519'],
])('a generated key is what was asked for: %j', async (spec, name) => {
  const found = keySpecOf(await generateKey(spec));
  expect(found).toEqual(spec);
  expect(keySpecName(found)).toBe(name);
});

test('a key is not written in a form that cannot hold it', () => {
  expect(() => privateKeyDer(ecKey(), 'pkcs1')).toThrow(Failure);
  expect(() => privateKeyDer(rsaKey(), 'sec1')).toThrow(Failure);
  expect(() => publicKeyDer(ecKey(), 'pkcs1')).toThrow(Failure);
});

test('an encrypted key is refused with the reason', () => {
  const der = privateKeyDer(ecKey(), 'sec1');
  const encrypted = { label: 'EC PRIVATE KEY', der, headers: ['Proc-Type: 4,ENCRYPTED'] };
  expect(() => parsePrivateKey(encrypted)).toThrow('PEM block "EC PRIVATE KEY" is encrypted');
});

test('damaged keys are refused with a Failure that does not quote them', () => {
  const whole = privateKeyDer(ecKey(), 'pkcs8');
  const damage = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean());
  fc.assert(
    fc.property(damage, ([at, flip, cut]) => {
      const der = Buffer.from(whole);
      der[at] = der[at]! ^ flip;
      const document = { label: 'PRIVATE KEY', der: cut ? der.subarray(0, at) : der };
      for (const parse of [parsePrivateKey, parsePublicKey]) {
        try {
          parse(document);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect((error as Failure).cause).toBeUndefined();
        }
      }
    }),
  );
});
