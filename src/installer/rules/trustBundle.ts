import { Failure } from '#base/failure.ts';
import { scanPem } from '#formats/pem.ts';
import { parseCertificate } from '#pki/certificate.ts';

/** Why the text is no bundle of PEM certificates, or undefined if it is one. Text before and between blocks is allowed, text after the last is not. */
export function findTrustBundleFault(bundle: string): string | undefined {
  const bytes = Buffer.from(bundle, 'utf8');
  const { blocks, defects } = scanPem(bytes);
  const end = blocks.at(-1)?.end;
  if (end === undefined || defects.length > 0 || bytes.toString('utf8', end).trim() !== '')
    return 'invalid block';
  for (const [i, block] of blocks.entries()) {
    if (block.label !== 'CERTIFICATE') return `block ${i + 1} is no CERTIFICATE`;
    try {
      parseCertificate(block.der);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return `x509: certificate ${i + 1} is malformed`;
    }
  }
  return undefined;
}
