import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#base/failure.ts';
import {
  type EncryptionKey,
  isSealed,
  makeEncryptionConfiguration,
  openValue,
  parseEncryptionConfiguration,
  sealValue,
} from './encryption.ts';

const key = (cipher: EncryptionKey['cipher'], bytes = 32): EncryptionKey => ({
  cipher,
  name: '1',
  secret: randomBytes(bytes),
});

describe('encryption at rest', () => {
  it.each(['aescbc', 'aesgcm'] as const)(
    'opens what it sealed with %s, among keys of the same name',
    (cipher) => {
      fc.assert(
        fc.property(fc.uint8Array(), fc.constantFrom(16, 24, 32), (bytes, size) => {
          const value = Buffer.concat([Buffer.from('k8s\0'), bytes]);
          const [right, wrong] = [key(cipher, size), key(cipher, size)];
          const sealed = sealValue(value, '/a/b', right, randomBytes);
          expect(isSealed(sealed)).toBe(true);
          expect(openValue(sealed, '/a/b', [wrong, right])).toEqual(value);
          expect(openValue(sealed, '/a/b', [wrong])).toBeUndefined();
        }),
      );
    },
  );

  it('binds a value to its place with GCM', () => {
    const [gcm, value] = [key('aesgcm'), Buffer.from('{}')];
    expect(openValue(sealValue(value, '/a', gcm, randomBytes), '/b', [gcm])).toBeUndefined();
  });

  it('opens what Kubernetes sealed', () => {
    // By the API server's own format, made with openssl: zero key and initialisation vector, text "{}".
    const zero: EncryptionKey = { cipher: 'aescbc', name: '1', secret: Buffer.alloc(32) };
    const sealed = Buffer.concat([
      Buffer.from('k8s:enc:aescbc:v1:1:'),
      Buffer.alloc(16),
      Buffer.from('684cf94bfdc8b47cfd262c695cc6363a', 'hex'),
    ]);
    expect(openValue(sealed, '/x', [zero])?.toString()).toBe('{}');
  });

  it('makes and reads configurations', () => {
    const made = makeEncryptionConfiguration(['secrets', 'routes.route.openshift.io'], key('aesgcm'));
    expect(parseEncryptionConfiguration(made.text)).toEqual(made);
    expect(made.text).toMatch(
      /^\{"kind":"EncryptionConfiguration","apiVersion":.*"identity":\{\}\}\]\}\]\}\n$/,
    );
    expect(made.entries.map(({ resources }) => resources[0])).toEqual([
      'secrets',
      'routes.route.openshift.io',
    ]);
    const plain = made.text.replace(/\{"aesgcm":.*?\]\}\},/, '');
    expect(parseEncryptionConfiguration(plain).entries[0]).toMatchObject({ isWrittenPlain: true, keys: [] });
  });

  it.each([
    ['', /not JSON/],
    ['[]', /kind/],
    ['{"kind":"EncryptionConfiguration","apiVersion":"v1"}', /apiVersion/],
    ['{"kind":"EncryptionConfiguration","apiVersion":"apiserver.config.k8s.io/v1"}', /resources is no list/],
  ])('refuses %j', (text, message) => {
    expect(() => parseEncryptionConfiguration(text)).toThrow(message);
  });

  it('refuses other providers and keys without quoting them', () => {
    const made = makeEncryptionConfiguration(['secrets'], key('aescbc')).text;
    expect(() => parseEncryptionConfiguration(made.replace('aescbc', 'kms'))).toThrow(/provider kms/);
    const short = made.replace(/"secret":"[^"]+/, '"secret":"c2hvcnQ=');
    expect(() => parseEncryptionConfiguration(short)).toThrow(/no AES key/);
    expect(() => parseEncryptionConfiguration(short)).not.toThrow(/c2hvcnQ/);
  });

  it('never fails in any other way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.uint8Array(), (text, bytes) => {
        try {
          parseEncryptionConfiguration(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
        const sealed = Buffer.concat([Buffer.from('k8s:enc:aesgcm:v1:1:'), bytes]);
        expect(openValue(sealed, '/a', [key('aesgcm'), key('aescbc')])).toBeUndefined();
      }),
    );
  });
});
