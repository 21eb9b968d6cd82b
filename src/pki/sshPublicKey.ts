import type { KeyObject } from 'node:crypto';
import { publicKeyOf } from './keys.ts';

const RSA_TYPE = 'ssh-rsa';

/** The public half of an RSA key as a line of authorized_keys (RFC 4253 section 6.6), without a line end. */
export function authorizedRsaKey(key: KeyObject): string {
  const { e, n } = publicKeyOf(key).export({ format: 'jwk' });
  const fields = [Buffer.from(RSA_TYPE), positiveInteger(e!), positiveInteger(n!)];
  const blob = Buffer.concat(fields.flatMap((field) => [lengthOf(field), field]));
  return `${RSA_TYPE} ${blob.toString('base64')}`;
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return length;
}

/** A number is negative if its first bit is set, so a zero octet goes before it. */
function positiveInteger(base64url: string): Buffer {
  const octets = Buffer.from(base64url, 'base64url');
  return octets[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), octets]) : octets;
}
