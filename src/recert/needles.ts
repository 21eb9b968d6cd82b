import type { KeyObject } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { percentDecoded } from '#formats/nestedText.ts';
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
const DEEPEST = 4;
const LARGEST_UNPACKED = 64 << 20;

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

/**
 * Looks for needles in raw bytes: as they are, as base64 and base64url in any alignment and with any line breaks, and
 * inside base64, percent-encoding and gzip. It knows nothing of keys or objects, so what scanning overlooks it finds.
 */
export class NeedleSearch {
  readonly #byStart = new Map<number, { bytes: Buffer; what: string }[]>();
  readonly #mayStart = new Uint8Array(1 << 16);

  constructor(needles: readonly Needle[]) {
    for (const { what, bytes } of needles) {
      this.#add(bytes, what);
      for (const text of base64Forms(bytes)) {
        this.#add(Buffer.from(text, 'latin1'), what);
        const url = text.replaceAll('+', '-').replaceAll('/', '_');
        if (url !== text) this.#add(Buffer.from(url, 'latin1'), what);
      }
    }
  }

  /** What is found, each once. */
  find(bytes: Buffer): string[] {
    const found = new Set<string>();
    this.#searchAll(bytes, found, 0);
    return [...found];
  }

  #add(bytes: Buffer, what: string): void {
    if (bytes.length < 8) return;
    const start = bytes.readUInt32BE(0);
    this.#mayStart[start >>> 16] = 1;
    this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), { bytes, what }]);
  }

  #searchAll(bytes: Buffer, found: Set<string>, depth: number): void {
    if (depth > DEEPEST || bytes.length < 8) return;
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const unpacked = gunzipped(bytes);
      if (unpacked !== undefined) this.#searchAll(unpacked, found, depth + 1);
    }
    this.#search(bytes, found);
    const text = bytes.toString('latin1');
    const squeezed = text.replaceAll(/\\+[nrt]|[ \t\r\n]+/g, '');
    if (squeezed.length !== text.length) this.#search(Buffer.from(squeezed, 'latin1'), found);
    if (/%[0-9A-F]{2}/i.test(text)) {
      const plain = percentDecoded(text);
      if (plain.length < bytes.length) this.#searchAll(plain, found, depth + 1);
    }
    for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{64,}/g))
      this.#searchAll(Buffer.from(run, 'base64'), found, depth + 1);
  }

  #search(bytes: Buffer, found: Set<string>): void {
    let window = bytes.readUIntBE(0, 3);
    for (let at = 3; at < bytes.length; at++) {
      window = ((window << 8) | bytes[at]!) >>> 0;
      if (this.#mayStart[window >>> 16] === 0) continue;
      for (const needle of this.#byStart.get(window) ?? []) {
        const start = at - 3;
        if (
          bytes.compare(
            needle.bytes,
            0,
            needle.bytes.length,
            start,
            Math.min(start + needle.bytes.length, bytes.length),
          ) === 0
        )
          found.add(needle.what);
      }
    }
  }
}

/** The part of the base64 text that does not depend on the bytes around, for each of the three alignments. */
export function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
}

function gunzipped(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
  } catch {
    return undefined;
  }
}
