import { createHash } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import { WINDOW_BYTES } from './matcher.ts';

export type SecretKind = 'private-key' | 'public-key' | 'certificate' | 'token' | 'password-hash';

/** Something of the seed that must not be found in a clone. */
export interface OldSecret {
  readonly kind: SecretKind;
  /** First 16 hex digits of the SHA-256 of its distinctive bytes; safe to print. */
  readonly fingerprint: string;
  /** Where it was first seen in the seed. */
  readonly source: string;
  /** Distinctive bytes in pieces of 24, side by side, so that any stretch of 47 bytes of them holds a whole piece. */
  readonly windows: readonly Buffer[];
}

/**
 * Makes a secret of the byte strings that are its own and nobody else's (a modulus, a scalar, a signature).
 * Undefined if they are too short to be told from chance.
 */
export function oldSecret(
  kind: SecretKind,
  source: string,
  distinctive: readonly Uint8Array[],
): OldSecret | undefined {
  const windows = distinctive.flatMap(windowsOf);
  if (windows.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const bytes of distinctive) hash.update(bytes);
  return { kind, source, windows, fingerprint: hash.digest('hex').slice(0, 16) };
}

function windowsOf(bytes: Uint8Array): Buffer[] {
  const windows: Buffer[] = [];
  for (let at = 0; at + WINDOW_BYTES <= bytes.length; at += WINDOW_BYTES) {
    const window = Buffer.from(bytes.subarray(at, at + WINDOW_BYTES));
    if (new Set(window).size > 4) windows.push(window); // padding and zeroes say nothing
  }
  return windows;
}

/** The file that `collect` writes and `scan` reads: one JSON document, to be kept 0600 as it holds parts of keys. */
export function renderOldSecrets(secrets: readonly OldSecret[]): string {
  const rows = secrets.map((s) => ({ ...s, windows: s.windows.map((w) => w.toString('base64')) }));
  return `${JSON.stringify({ version: 1, secrets: rows }, null, 1)}\n`;
}

/** Reads what {@link renderOldSecrets} wrote; Failure `lab/old-secrets-unreadable` for anything else. */
export function parseOldSecrets(text: string): OldSecret[] {
  try {
    const document = JSON.parse(text) as { version: number; secrets: (OldSecret & { windows: string[] })[] };
    if (document.version !== 1) throw new Error(`version ${document.version} is not 1`);
    return document.secrets.map((s) => ({
      ...s,
      windows: s.windows.map((w) => Buffer.from(w as unknown as string, 'base64')),
    }));
  } catch (cause) {
    throw new Failure({
      code: 'lab/old-secrets-unreadable',
      message: 'the list of old secrets is not one that "scan collect" wrote',
      hint: 'collect it again from the seed',
      cause,
    });
  }
}
