import { certificatePublicKey } from '#pki/certificate.ts';
import { keyFingerprint } from '#pki/keys.ts';
import type { AssetSource, InputFile } from '../../asset.ts';
import { type CertificateAndKey, certificateAndKey, tlsPath } from './certificates.ts';
import { readGivenCertificate, readGivenKey, unusable } from './givenFiles.ts';

/** Must be `true` so that certificates of a cluster may be given: they decide who administers it. */
const PERMISSION = 'OPENSHIFT_INSTALL_LOAD_CLUSTER_CERTS';

/** A certificate and its key from `tls/<base>.key` and `tls/<base>.crt`, if the environment permits it (spec/installer/04.2). */
export function loadedCertificate(base: string): AssetSource<CertificateAndKey> {
  const keyPath = tlsPath(`${base}.key`);
  const certificatePath = tlsPath(`${base}.crt`);
  return {
    path: [keyPath, certificatePath],
    parse(files, { env, now }) {
      const key = files.find(({ path }) => path === keyPath);
      const certificate = files.find(({ path }) => path === certificatePath);
      if (env[PERMISSION] !== 'true' || key === undefined || certificate === undefined) return undefined;
      checkPair(key, certificate, now);
      const pem = { key: key.content.toString('utf8'), certificate: certificate.content.toString('utf8') };
      return { value: certificateAndKey(base, pem), warnings: [] };
    },
  };
}

function checkPair(keyFile: InputFile, certificateFile: InputFile, now: Date): void {
  const key = readGivenKey(keyFile);
  const certificate = readGivenCertificate(certificateFile);
  if (keyFingerprint(key) !== keyFingerprint(certificatePublicKey(certificate))) {
    throw unusable(certificateFile.path, `is not the certificate of the key in ${keyFile.path}`);
  }
  const end = certificate.notAfter.date;
  if (end <= now) throw unusable(certificateFile.path, `expired at ${end.toISOString()}`);
}
