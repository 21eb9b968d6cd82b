import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { decodeText, mapping, optional, text } from './shape.ts';

/**
 * What `recert inspect --output json` prints: every key, certificate and token of a cluster by SHA-256 fingerprint
 * (hex), and where each copy lies. Nothing secret is in it.
 */
export interface CryptoInventory {
  readonly keys: readonly InventoryKey[];
  readonly certificates: readonly InventoryCertificate[];
  readonly tokens: readonly InventoryToken[];
  /** What was seen and not understood, or does not fit together. */
  readonly warnings: readonly string[];
  /** Public bytes (base64) by which each of the above is recognised wherever it lies: `recert prove --against` looks for them. */
  readonly marks: readonly { readonly what: string; readonly bytes: string }[];
}

export interface InventoryKey {
  readonly fingerprint: string;
  /** `RSA 2048`, `EC P-256`, `Ed25519`. */
  readonly type: string;
  readonly privateLocations: readonly string[];
  readonly publicLocations: readonly string[];
}

export interface InventoryCertificate {
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Fingerprint of the certificate that signed it; absent for roots and for those whose signer is not in the cluster. */
  readonly signedBy?: string;
  readonly isSelfSigned: boolean;
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Fingerprint of its key. */
  readonly key: string;
  readonly locations: readonly string[];
}

export interface InventoryToken {
  /** Of the whole token. */
  readonly fingerprint: string;
  readonly subject: string;
  /** Fingerprint of the key that signed it; absent where the cluster does not have it. */
  readonly signedBy?: string;
  /** RFC 3339; absent: it never expires. */
  readonly expires?: string;
  readonly locations: readonly string[];
}

const texts = z.array(text);

const schema = mapping({
  keys: z.array(mapping({ fingerprint: text, type: text, privateLocations: texts, publicLocations: texts })),
  certificates: z.array(
    mapping({
      fingerprint: text,
      subject: z.string(),
      issuer: z.string(),
      signedBy: optional(text),
      isSelfSigned: z.boolean(),
      notBefore: text,
      notAfter: text,
      key: text,
      locations: texts,
    }),
  ),
  tokens: z.array(
    mapping({
      fingerprint: text,
      subject: z.string(),
      signedBy: optional(text),
      expires: optional(text),
      locations: texts,
    }),
  ),
  warnings: texts,
  marks: z.array(mapping({ what: text, bytes: text })),
});

/** Reads an inventory, of a newer version too. */
export const parseCryptoInventory = (source: string): Parsed<CryptoInventory> =>
  decodeText<CryptoInventory>(source, { schema, unknownKeys: 'warning' });
