import { randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { hashPassword } from './passwordHasher.ts';

const SALT_OCTETS = 16;

describe('hashPassword', () => {
  it('makes what Go takes for a hash of the password, and of no other', async () => {
    const hash = await hashPassword('abcde-FGHIJ-23456-wxyz9', randomBytes(SALT_OCTETS));
    expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(await bcrypt.compare('abcde-FGHIJ-23456-wxyz9', hash)).toBe(true);
    expect(await bcrypt.compare('abcde-FGHIJ-23456-wxyz8', hash)).toBe(false);
  });

  it('depends on the salt only', async () => {
    const [one, again, other] = await Promise.all(
      [1, 1, 2].map((octet) => hashPassword('p', new Uint8Array(SALT_OCTETS).fill(octet))),
    );
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });
});
