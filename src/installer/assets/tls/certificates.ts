import { renderPemFile, scanPem } from '#formats/pem.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import type { Issuer } from '#pki/issue.ts';
import { isPrivateKeyLabel, parsePrivateKey, renderPrivateKeyFile } from '#pki/keys.ts';
import { stateFileEntry } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';

/** A certificate with its key; both are base64 of PEM, as in upstream's state. */
export interface CertificateAndKey extends FileListValue {
  /** A server's certificate may be followed by its signer's. */
  readonly CertRaw: string;
  readonly KeyRaw: string;
}

export interface CertificateBundle extends FileListValue {
  readonly BundleRaw: string;
}

export const certificatePem = ({ CertRaw }: CertificateAndKey): string => fromBase64(CertRaw);
export const keyPem = ({ KeyRaw }: CertificateAndKey): string => fromBase64(KeyRaw);
export const bundlePem = ({ BundleRaw }: CertificateBundle): string => fromBase64(BundleRaw);

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
export const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** The path of a file of TLS assets; upstream's names below `tls/` (spec/installer/04.1). */
export const tlsPath = (name: string): string => `tls/${name}`;

/** The value of a certificate whose files are `tls/<base>.key` and `tls/<base>.crt`. */
export const certificateAndKey = (
  base: string,
  pem: { readonly certificate: string; readonly key: string },
): CertificateAndKey => ({
  CertRaw: toBase64(pem.certificate),
  KeyRaw: toBase64(pem.key),
  FileList: [
    stateFileEntry(tlsPath(`${base}.key`), pem.key),
    stateFileEntry(tlsPath(`${base}.crt`), pem.certificate),
  ],
});

/** The PEM of a certificate and its key that were just made. */
export const pemOf = ({ certificate, key }: Issuer): { certificate: string; key: string } => ({
  certificate: renderPemFile('CERTIFICATE', certificate.der),
  key: renderPrivateKeyFile(key),
});

/** The first certificate of a text that was checked when it was made or read. */
const firstCertificate = (pem: string): Certificate =>
  parseCertificate(scanPem(pem).blocks.find(({ label }) => label === 'CERTIFICATE')!.der);

/** The signer as it came out of the state or of a file or was just made. */
export const issuerOf = (signer: CertificateAndKey): Issuer => ({
  certificate: certificateOf(signer),
  key: parsePrivateKey(scanPem(keyPem(signer)).blocks.find(({ label }) => isPrivateKeyLabel(label))!).key,
});

/** The certificate itself, without what may follow it in its file. */
export const certificateOf = (value: CertificateAndKey): Certificate =>
  firstCertificate(certificatePem(value));

/** Subject CN of the certificate. */
export const commonNameOf = (signer: CertificateAndKey): string =>
  certificateOf(signer).subject.commonName ?? '';

/**
 * The value of a bundle whose file is `tls/<base>.crt`. Of a member that holds several certificates only the first one
 * is taken: so does upstream, and the bundle for clients of the API has one signer of the control plane, not four.
 */
export function certificateBundle(base: string, members: readonly string[]): CertificateBundle {
  const pem = members.map((member) => renderPemFile('CERTIFICATE', firstCertificate(member).der)).join('');
  return { BundleRaw: toBase64(pem), FileList: [stateFileEntry(tlsPath(`${base}.crt`), pem)] };
}
