import { type Random, randomText } from './random.ts';

/** Letters and digits that can't be mistaken for each other: no l, O, 0 and 1. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNPQRSTUVWXYZ23456789';
/** What bcrypt takes. */
export const SALT_OCTETS = 16;

export interface PasswordAndHash {
  readonly password: string;
  /** bcrypt text. */
  readonly hash: string;
}

/** The bcrypt text of a password with a salt of 16 octets. */
export type HashPassword = (password: string, salt: Uint8Array) => Promise<string>;

/** Passwords with their hashes. One takes a tenth of a second, so that it may be begun before it is asked for. */
export class PasswordSource {
  readonly #random: Random;
  readonly #hash: HashPassword;
  #ahead: Promise<PasswordAndHash> | undefined;

  constructor(random: Random, hash: HashPassword) {
    this.#random = random;
    this.#hash = hash;
  }

  makeAhead(): void {
    this.#ahead = this.#make();
    this.#ahead.catch(() => {}); // whoever asks for it hears of it
  }

  /** A fresh one in the form of spec/installer/04.6. */
  next(): Promise<PasswordAndHash> {
    const made = this.#ahead ?? this.#make();
    this.#ahead = undefined;
    return made;
  }

  hash(password: string, salt: Uint8Array): Promise<string> {
    return this.#hash(password, salt);
  }

  async #make(): Promise<PasswordAndHash> {
    const password = Array.from({ length: 4 }, () => randomText(this.#random, ALPHABET, 5)).join('-');
    return { password, hash: await this.#hash(password, this.#random(SALT_OCTETS)) };
  }
}
