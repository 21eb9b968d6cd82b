import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Issuer } from './issue.ts';
import type { Curve } from './keys.ts';
import { goName } from './names.ts';
import { issueSigner } from './openshift.ts';

/** P-256 keys are made in microseconds: what tests use where the kind of key does not matter. */
export const ecKey = (curve: Curve = 'P-256'): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: curve === 'P-256' ? 'prime256v1' : 'secp384r1' }).privateKey;

export const ed25519Key = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

/** The least size that Node makes quickly and that a SHA-256 signature fits in. */
export const rsaKey = (bits = 1024): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

export const TEST_NOW = new Date('2031-05-06T07:08:09Z');

export function testSigner(options: { commonName?: string; key?: KeyObject } = {}): Issuer {
  return issueSigner({
    subject: goName({ commonName: options.commonName ?? 'test-signer', organizationalUnit: ['openshift'] }),
    key: options.key ?? ecKey(),
    serial: 1n,
    now: TEST_NOW,
    validitySeconds: 1000,
  });
}
