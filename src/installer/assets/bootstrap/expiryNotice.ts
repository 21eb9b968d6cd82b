import { certificatesOfIgnition } from '../../certificateExpiry.ts';
import { renderSeconds } from '../../rfc3339.ts';
import type { BootstrapConfigValue } from './loadedBootstrapConfig.ts';

/** Until when the machine has to be booted: some of its certificates live for a day (spec/installer/02.6). */
export function expiryNotice({ File }: BootstrapConfigValue): string | undefined {
  const text = Buffer.from(File.Data, 'base64').toString('utf8');
  const ends = certificatesOfIgnition(text).map(({ validUntil }) => validUntil.getTime());
  if (ends.length === 0) return undefined;
  const first = renderSeconds(new Date(Math.min(...ends)));
  return `The certificates of the bootstrap machine are valid until ${first}: bootstrap the cluster before then`;
}
