import type { KeyObject } from 'node:crypto';
import type { EncryptionKey } from '#k8s/encryption.ts';
import { keyFingerprint } from '#pki/keys.ts';
import type { FoundCertificate, FoundKeyPair, FoundToken, Inventory } from './inventory.ts';
import type { Regenerated } from './regenerate.ts';
import type { CryptoGraph } from './relate.ts';

/** Bytes by which something old is recognised wherever it is left, and what it is. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Long enough never to occur by chance; a multiple of 3, so that base64 of it has no padding. */
const LENGTH = 18;

/** Of every key that was replaced a part of its numbers, of certificates and tokens a part of their signature. */
export function needlesOf(graph: CryptoGraph, regenerated: Regenerated): Needle[] {
  const needles: Needle[] = [];
  for (const [found, key] of regenerated.keys)
    if (keyFingerprint(key) !== found.fingerprint)
      needles.push(...keyNeedles(found, found.privateKey ?? found.publicKey));
  for (const [found, renewed] of regenerated.certificates)
    if (!renewed.der.equals(found.certificate.der)) needles.push(certificateNeedle(found));
  for (const found of graph.inventory.tokens.values())
    if (regenerated.tokens.has(found.token)) needles.push(tokenNeedle(found));
  return needles;
}

/** The same of everything that was found, from the public halves of keys only: it may be kept and shown. */
export const publicMarks = ({ keyPairs, certificates, tokens }: Inventory): Needle[] => [
  ...[...keyPairs.values()].flatMap((found) => keyNeedles(found, found.publicKey)),
  ...[...certificates.values()].map(certificateNeedle),
  ...[...tokens.values()].map(tokenNeedle),
];

const keyNeedles = ({ fingerprint }: FoundKeyPair, key: KeyObject): Needle[] =>
  keyNumbers(key).map((bytes) => ({ what: `key ${fingerprint.slice(0, 16)}`, bytes: middle(bytes) }));

const certificateNeedle = ({ certificate, fingerprint }: FoundCertificate): Needle => ({
  what: `certificate "${certificate.subject.friendly}" ${fingerprint.slice(0, 16)}`,
  bytes: certificate.der.subarray(-LENGTH),
});

const tokenNeedle = ({ jwt }: FoundToken): Needle => ({
  what: `token of ${String(jwt.payload['sub'] ?? 'an unknown subject')}`,
  bytes: middle(Buffer.from(jwt.segments[2], 'base64url')),
});

/** Of every key that values were encrypted with at rest, and no longer are. */
export const encryptionNeedles = (old: readonly EncryptionKey[], kept: readonly EncryptionKey[]): Needle[] =>
  old
    .filter(({ secret }) => !kept.some((key) => key.secret.equals(secret)))
    .map(({ name, secret }) => ({ what: `encryption key "${name}"`, bytes: secret.subarray(0, LENGTH) }));

/** RSA modulus, EC coordinate or Ed25519 point; of EC keys the private number too, which may be stored alone. */
function keyNumbers(key: KeyObject): Buffer[] {
  const { n, x, d } = key.export({ format: 'jwk' });
  return [n ?? x, n === undefined ? d : undefined]
    .filter((text) => text !== undefined)
    .map((text) => Buffer.from(text, 'base64url'));
}

function middle(bytes: Buffer): Buffer {
  const start = Math.max(0, Math.floor((bytes.length - LENGTH) / 2));
  return bytes.subarray(start, start + LENGTH);
}
