import type { Needle } from './needles.ts';

const BLOCK = 4;
const BITS = 18;
/** Shorter ones would be found by chance. */
const SHORTEST = 8;

/**
 * Finds any of many needles in one pass that skips most bytes (Wu and Manber, "A fast algorithm for multi-pattern
 * searching", 1994): of the last four bytes of the window it knows how far the window can move on.
 */
export class NeedleTable {
  /** Length of the window: what all needles have at least. */
  readonly #length: number;
  readonly #shifts: Uint8Array;
  /** By the hash of the last block of the window. */
  readonly #ending = new Map<number, Needle[]>();

  constructor(all: readonly Needle[]) {
    const needles = all.filter(({ bytes }) => bytes.length >= SHORTEST);
    this.#length = Math.min(255, ...needles.map(({ bytes }) => bytes.length));
    this.#shifts = new Uint8Array(1 << BITS).fill(this.#length - BLOCK + 1);
    for (const needle of needles) this.#add(needle);
  }

  /** Adds what is found to `found`. */
  search(bytes: Buffer, found: Set<string>): void {
    for (let end = this.#length; end <= bytes.length; ) {
      const hash = hashBefore(bytes, end);
      const shift = this.#shifts[hash]!;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const start = end - this.#length;
      for (const needle of this.#ending.get(hash) ?? []) {
        const { length } = needle.bytes;
        if (start + length > bytes.length) continue;
        if (bytes.compare(needle.bytes, 0, length, start, start + length) === 0) found.add(needle.what);
      }
      end++;
    }
  }

  #add(needle: Needle): void {
    for (let end = BLOCK; end <= this.#length; end++) {
      const hash = hashBefore(needle.bytes, end);
      this.#shifts[hash] = Math.min(this.#shifts[hash]!, this.#length - end);
      if (end === this.#length) this.#ending.set(hash, [...(this.#ending.get(hash) ?? []), needle]);
    }
  }
}

/** Of the block that ends there. */
function hashBefore(bytes: Buffer, end: number): number {
  const block = bytes[end - 1]! | (bytes[end - 2]! << 8) | (bytes[end - 3]! << 16) | (bytes[end - 4]! << 24);
  return Math.imul(block, 0x9e3779b1) >>> (32 - BITS);
}
