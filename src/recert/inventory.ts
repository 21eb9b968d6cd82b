import { createHash, type KeyObject } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import type { PemBlock } from '#formats/pem.ts';
import {
  type Certificate,
  certificateFingerprint,
  certificatePublicKey,
  parseCertificate,
} from '#pki/certificate.ts';
import { type Jwt, parseJwt } from '#pki/jwt.ts';
import {
  isPrivateKeyLabel,
  isPublicKeyLabel,
  type KeySpec,
  keyFingerprint,
  keySpecOf,
  type PrivateKeyFormat,
  type PublicKeyFormat,
  parsePrivateKey,
  parsePublicKey,
} from '#pki/keys.ts';
import { type Location, renderLocation } from './location.ts';

/** A key pair by its public half; either half may lie anywhere, or nowhere but in a certificate. */
export interface FoundKeyPair {
  readonly fingerprint: string;
  readonly spec: KeySpec;
  readonly publicKey: KeyObject;
  /** Only where the private half is stored. */
  privateKey?: KeyObject;
  readonly privateLocations: Location[];
  readonly publicLocations: Location[];
}

/** A certificate, byte for byte the same wherever it lies. */
export interface FoundCertificate {
  readonly fingerprint: string;
  readonly certificate: Certificate;
  readonly keyPair: FoundKeyPair;
  readonly locations: Location[];
}

export interface FoundToken {
  readonly token: string;
  readonly jwt: Jwt;
  readonly locations: Location[];
}

/** What a PEM block holds; blocks are told apart by label and body. */
export type BlockMeaning =
  | { readonly type: 'certificate'; readonly found: FoundCertificate }
  | { readonly type: 'private-key'; readonly found: FoundKeyPair; readonly format: PrivateKeyFormat }
  | { readonly type: 'public-key'; readonly found: FoundKeyPair; readonly format: PublicKeyFormat }
  | { readonly type: 'ignored' };

const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'TRUSTED CERTIFICATE', 'X509 CERTIFICATE']);

/** One name for a PEM block wherever it lies. */
export const blockIdOf = (block: Pick<PemBlock, 'label' | 'der'>): string =>
  `${block.label}:${createHash('sha256').update(block.der).digest('base64')}`;

/** Everything cryptographic that a cluster holds, collected block by block. */
export class Inventory {
  readonly certificates = new Map<string, FoundCertificate>();
  readonly keyPairs = new Map<string, FoundKeyPair>();
  readonly tokens = new Map<string, FoundToken>();
  readonly blocks = new Map<string, { readonly block: PemBlock; readonly meaning: BlockMeaning }>();
  /** What was seen and left alone, for the log. */
  readonly warnings: string[] = [];
  readonly #external: ReadonlySet<string>;
  readonly #onKeyPair: (keyPair: FoundKeyPair) => void;

  /**
   * `external` holds fingerprints of certificates that are none of the cluster's; `onKeyPair` hears of every pair when
   * it is first seen, so that its successor can be made while scanning goes on.
   */
  constructor(external: ReadonlySet<string>, onKeyPair: (keyPair: FoundKeyPair) => void = () => {}) {
    this.#external = external;
    this.#onKeyPair = onKeyPair;
  }

  /** Takes note of a block; true if it is something that a run replaces. */
  addBlock(block: PemBlock, location: Location): boolean {
    const meaning = this.#meaningOf(block, location);
    if (meaning.type === 'ignored') return false;
    if (meaning.type === 'certificate') meaning.found.locations.push(location);
    if (meaning.type === 'private-key') meaning.found.privateLocations.push(location);
    if (meaning.type === 'public-key') meaning.found.publicLocations.push(location);
    return true;
  }

  /** Takes note of what may be a token; false if it is none. */
  addToken(token: string, location: Location): boolean {
    const jwt = this.tokens.get(token)?.jwt ?? parseJwt(token);
    if (jwt === undefined) return false;
    const found = this.tokens.get(token) ?? { token, jwt, locations: [] };
    found.locations.push(location);
    this.tokens.set(token, found);
    return true;
  }

  /** Drops certificates that turned out to be none of the cluster's. */
  forget(external: ReadonlySet<string>): void {
    for (const fingerprint of external) this.certificates.delete(fingerprint);
  }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }

  #meaningOf(block: PemBlock, location: Location): BlockMeaning {
    const id = blockIdOf(block);
    const known = this.blocks.get(id);
    if (known !== undefined) return known.meaning;
    const meaning = this.#read(block, location);
    this.blocks.set(id, { block, meaning });
    return meaning;
  }

  #read(block: PemBlock, location: Location): BlockMeaning {
    try {
      if (CERTIFICATE_LABELS.has(block.label)) return this.#readCertificate(block.der);
      if (isPrivateKeyLabel(block.label)) {
        const { key, format } = parsePrivateKey(block);
        const found = this.#keyPair(key);
        found.privateKey = key;
        return { type: 'private-key', found, format };
      }
      if (isPublicKeyLabel(block.label)) {
        const { key, format } = parsePublicKey(block);
        return { type: 'public-key', found: this.#keyPair(key), format };
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // The neighbours of an unreadable block in a bundle are replaced all the same.
      this.warn(`left alone: ${error.message} (${renderLocation(location)})`);
    }
    return { type: 'ignored' };
  }

  #readCertificate(der: Buffer): BlockMeaning {
    const certificate = parseCertificate(trustedCertificate(der));
    const fingerprint = certificateFingerprint(certificate);
    if (this.#external.has(fingerprint)) return { type: 'ignored' };
    const keyPair = this.#keyPair(certificatePublicKey(certificate));
    const found = this.certificates.get(fingerprint) ?? { fingerprint, certificate, keyPair, locations: [] };
    this.certificates.set(fingerprint, found);
    return { type: 'certificate', found };
  }

  #keyPair(key: KeyObject): FoundKeyPair {
    const fingerprint = keyFingerprint(key);
    const known = this.keyPairs.get(fingerprint);
    if (known !== undefined) return known;
    const found: FoundKeyPair = {
      fingerprint,
      spec: keySpecOf(key),
      publicKey: key,
      privateLocations: [],
      publicLocations: [],
    };
    this.keyPairs.set(fingerprint, found);
    this.#onKeyPair(found);
    return found;
  }
}

/** OpenSSL's trusted certificates carry settings after the certificate itself. */
function trustedCertificate(der: Buffer): Buffer {
  const length = der[1] === 0x82 ? 4 + der.readUInt16BE(2) : der.length;
  return length < der.length ? der.subarray(0, length) : der;
}
