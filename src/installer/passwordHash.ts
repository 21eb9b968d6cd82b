import bcrypt from 'bcryptjs';
import type { Random } from './random.ts';

const COST = 10;
const SALT_OCTETS = 16;

/** The bcrypt text of a password. */
export const hashPassword = (password: string, random: Random): Promise<string> =>
  bcrypt.hash(password, salt(random));

/** Go's bcrypt writes the prefix `2a`; the library's own salts say `2b`. */
const salt = (random: Random): string =>
  `$2a$${COST}$${bcrypt.encodeBase64([...random(SALT_OCTETS)], SALT_OCTETS)}`;
