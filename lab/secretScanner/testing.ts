import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Place } from './places.ts';

/** Repeatable random numbers for names and forms in tests (mulberry32); the seed is printed when a test fails. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  name(): string {
    return Array.from({ length: 3 + this.below(9) }, () =>
      this.pick([...'abcdefghijklmnopqrstuvwxyz-']),
    ).join('');
  }
}

export const newRsaKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
export const newEcKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

export const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export function newToken(random: SeededRandom, key: KeyObject): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', kid: random.name() })}.${part({ sub: random.name() })}`;
  return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`;
}

export const placeOf = (path: string, content: string | Uint8Array): Place => ({
  path,
  bytes: Buffer.from(content as Uint8Array),
  offset: 0,
});
