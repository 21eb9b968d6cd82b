import { expect, it } from 'vitest';
import { authorizedRsaKey } from './sshPublicKey.ts';
import { rsaKey } from './testing.ts';

it('writes type, exponent and modulus of an RSA key, both numbers positive', () => {
  const key = rsaKey();
  const [type, blob, ...rest] = authorizedRsaKey(key).split(' ');
  expect([type, rest]).toEqual(['ssh-rsa', []]);
  const fields = fieldsOf(Buffer.from(blob!, 'base64'));
  const { n } = key.export({ format: 'jwk' });
  expect(fields.map((field) => field.toString('hex'))).toEqual([
    Buffer.from('ssh-rsa').toString('hex'),
    '010001',
    `00${Buffer.from(n!, 'base64url').toString('hex')}`,
  ]);
});

function fieldsOf(blob: Buffer): Buffer[] {
  if (blob.length === 0) return [];
  const end = 4 + blob.readUInt32BE(0);
  return [blob.subarray(4, end), ...fieldsOf(blob.subarray(end))];
}
