import type { KeyObject } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import { type PemBlock, scanPem } from '#formats/pem.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import { isPrivateKeyLabel, parsePrivateKey } from '#pki/keys.ts';
import type { InputFile } from '../../asset.ts';

/** Keys and certificates that a person put into the target directory. What is wrong with them would show only in the cluster. */

/** The first private key of the file. @throws Failure installer/tls-file-unusable */
export const readGivenKey = (file: InputFile): KeyObject =>
  read(file, 'private key', (blocks) => {
    const block = blocks.find(({ label }) => isPrivateKeyLabel(label));
    return block && parsePrivateKey(block).key;
  });

/** The first certificate of the file. @throws Failure installer/tls-file-unusable */
export const readGivenCertificate = (file: InputFile): Certificate =>
  read(file, 'certificate', (blocks) => {
    const block = blocks.find(({ label }) => label === 'CERTIFICATE');
    return block && parseCertificate(block.der);
  });

function read<T>(file: InputFile, what: string, find: (blocks: readonly PemBlock[]) => T | undefined): T {
  try {
    const found = find(scanPem(file.content).blocks);
    if (found !== undefined) return found;
  } catch (cause) {
    if (cause instanceof Failure) throw unusable(file.path, cause.message);
    throw cause;
  }
  throw unusable(file.path, `holds no ${what} in PEM form`);
}

/** The file can't be used; `reason` never quotes it. */
export const unusable = (path: string, reason: string): Failure =>
  new Failure({
    code: 'installer/tls-file-unusable',
    message: `${path}: ${reason}`,
    hint: 'replace the file, or remove it so that a new one is generated',
  });
