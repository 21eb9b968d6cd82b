import bcrypt from 'bcryptjs';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../asset.ts';
import { type Random, randomText } from '../random.ts';

export interface KubeadminPasswordValue {
  readonly Password: string;
  /** Base64 of the bcrypt text. */
  readonly PasswordHash: string;
  readonly File: StateFileEntry;
}

const PATH = 'auth/kubeadmin-password';
/** Letters and digits that can't be mistaken for each other: no l, O, 0 and 1. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNPQRSTUVWXYZ23456789';
const BCRYPT_COST = 10;
const BCRYPT_SALT_OCTETS = 16;

/** Password of the cluster's first user and its bcrypt hash (spec/installer/04.6). */
export const kubeadminPassword = defineAsset<KubeadminPasswordValue, Record<never, never>>({
  name: 'Kubeadmin Password',
  stateKey: '*password.KubeadminPassword',
  inputs: {},
  async generate(_, { random }) {
    const password = Array.from({ length: 4 }, () => randomText(random, ALPHABET, 5)).join('-');
    const hash = await bcrypt.hash(password, bcryptSalt(random));
    return {
      Password: password,
      PasswordHash: Buffer.from(hash, 'ascii').toString('base64'),
      File: stateFileEntry(PATH, password),
    };
  },
  files: ({ File }) => [{ path: File.Filename, content: Buffer.from(File.Data, 'base64'), mode: 0o640 }],
});

/** Go's bcrypt writes the prefix `2a`; the library's own salts say `2b`. */
const bcryptSalt = (random: Random): string =>
  `$2a$${BCRYPT_COST}$${bcrypt.encodeBase64([...random(BCRYPT_SALT_OCTETS)], BCRYPT_SALT_OCTETS)}`;
