/** Every window has this many bytes: long enough that a match is never chance, short enough to fit in one line of any PEM. */
export const WINDOW_BYTES = 24;

const BLOCK_BYTES = 4;
/** A window covers this many block positions, so looking at one block per stride can't step over it. */
const STRIDE = WINDOW_BYTES - BLOCK_BYTES + 1;
const BITMAP_BITS = 24;

/** A byte sequence to find, and the number its finder gets back. */
export interface Window {
  readonly bytes: Uint8Array;
  readonly owner: number;
}

export interface Match {
  readonly owner: number;
  readonly offset: number;
}

interface Anchor {
  readonly window: Window;
  /** Where in the window the block stands. */
  readonly at: number;
}

/**
 * Finds any of many 24-byte windows in large inputs. Only one four-byte block in 21 is looked up (the skipping idea of
 * Wu and Manber), first in a bitmap, so that hundreds of megabytes take a second or two whatever the number of windows.
 */
export class Matcher {
  readonly #anchors = new Map<number, Anchor[]>();
  readonly #bitmap = new Uint8Array(1 << (BITMAP_BITS - 3));

  constructor(windows: readonly Window[]) {
    for (const window of windows) {
      if (window.bytes.length !== WINDOW_BYTES) throw new Error(`a window has ${WINDOW_BYTES} bytes`);
      for (let at = 0; at < STRIDE; at++) this.#addAnchor({ window, at });
    }
  }

  /** All matches, in order of their offset. */
  find(input: Uint8Array): Match[] {
    const matches: Match[] = [];
    for (let at = 0; at + BLOCK_BYTES <= input.length; at += STRIDE) {
      const block = blockAt(input, at);
      const bit = bitOf(block);
      if ((this.#bitmap[bit >>> 3]! & (1 << (bit & 7))) === 0) continue;
      for (const anchor of this.#anchors.get(block) ?? []) {
        const offset = at - anchor.at;
        if (standsAt(input, offset, anchor.window.bytes))
          matches.push({ owner: anchor.window.owner, offset });
      }
    }
    return matches;
  }

  #addAnchor(anchor: Anchor): void {
    const block = blockAt(anchor.window.bytes, anchor.at);
    const bit = bitOf(block);
    this.#bitmap[bit >>> 3]! |= 1 << (bit & 7);
    const before = this.#anchors.get(block);
    if (before === undefined) this.#anchors.set(block, [anchor]);
    else before.push(anchor);
  }
}

const blockAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** Fibonacci hashing: neighbouring values of text spread over the whole bitmap. */
const bitOf = (block: number): number => Math.imul(block, 0x9e3779b1) >>> (32 - BITMAP_BITS);

function standsAt(input: Uint8Array, offset: number, window: Uint8Array): boolean {
  if (offset < 0 || offset + window.length > input.length) return false;
  for (let i = 0; i < window.length; i++) if (input[offset + i] !== window[i]) return false;
  return true;
}
