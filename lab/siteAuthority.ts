import { renderPemFile } from '#formats/pem.ts';
import { randomSerial } from '#pki/issue.ts';
import { generateKey } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueSigner } from '#pki/openshift.ts';

const YEAR_SECONDS = 365 * 24 * 3600;

/** A certificate authority of the site's owner, as PEM, for the clone to trust; nobody keeps its key. */
export async function newSiteAuthority(site: string): Promise<string> {
  const { certificate } = issueSigner({
    subject: goName({ commonName: `${site} site authority` }),
    key: await generateKey({ type: 'ec', curve: 'P-256' }),
    serial: randomSerial(),
    now: new Date(),
    validitySeconds: YEAR_SECONDS,
  });
  return renderPemFile('CERTIFICATE', certificate.der);
}
