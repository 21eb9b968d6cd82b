import { contentOfDataUrl, parseIgnition } from '#api/ignition.ts';
import { scanPem } from '#formats/pem.ts';
import { parseCertificate } from '#pki/certificate.ts';
import type { State } from './stateFile.ts';

export interface DatedCertificate {
  /** Absolute path on the machine that gets it, or the state's key of the asset that it is. */
  readonly path: string;
  readonly validUntil: Date;
}

/**
 * All certificates in the files of an Ignition config whose names end in `.crt` (spec/installer/02.6). What can't be
 * read has no date and is left out: here only dates matter.
 */
export function certificatesOfIgnition(text: string): DatedCertificate[] {
  const config = parseIgnition(text);
  if (!config.ok) return [];
  const files = (config.value.storage.files ?? []).filter(({ path }) => path?.endsWith('.crt'));
  return files.flatMap(({ path, contents }) =>
    datesOf(contentOfDataUrl(contents?.source ?? '') ?? Buffer.alloc(0)).map((validUntil) => ({
      path,
      validUntil,
    })),
  );
}

/** All certificates that later commands take from the state. */
export const certificatesOfState = (state: State): DatedCertificate[] =>
  [...state].flatMap(([key, value]) => {
    const { CertRaw } = (value ?? {}) as { readonly CertRaw?: unknown };
    if (typeof CertRaw !== 'string') return [];
    return datesOf(Buffer.from(CertRaw, 'base64')).map((validUntil) => ({ path: key, validUntil }));
  });

function datesOf(pem: Buffer): Date[] {
  return scanPem(pem)
    .blocks.filter(({ label }) => label === 'CERTIFICATE')
    .flatMap(({ der }) => {
      try {
        return [parseCertificate(der).notAfter.date];
      } catch {
        return [];
      }
    });
}
