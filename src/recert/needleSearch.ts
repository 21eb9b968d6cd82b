import { gunzipSync } from 'node:zlib';
import { percentDecoded } from '#formats/nestedText.ts';
import type { Needle } from './needles.ts';
import { NeedleTable } from './needleTable.ts';

const DEEPEST = 4;
const LARGEST_UNPACKED = 64 << 20;
/** What is shorter holds no needle, or is found as it is. */
const SHORTEST_BASE64 = 64;
const SHORTEST_ESCAPED = 24;

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const ESCAPED_BLANKS = new Set([...'nrt'].map((char) => char.charCodeAt(0)));
const IS_BLANK = tableOf(' \t\r\n');
const IS_BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-');
const IS_HEX = tableOf('0123456789ABCDEFabcdef');

/**
 * Looks for needles in raw bytes: as they are, as base64 and base64url in any alignment and with any line breaks, and
 * inside base64, percent-encoding and gzip. It knows nothing of keys or objects, so what scanning overlooks it finds.
 */
export class NeedleSearch {
  readonly #table: NeedleTable;

  constructor(needles: readonly Needle[]) {
    this.#table = new NeedleTable(
      needles.flatMap(({ what, bytes }) => [
        { what, bytes },
        ...base64Forms(bytes)
          .flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
          .map((text) => ({ what, bytes: Buffer.from(text, 'latin1') })),
      ]),
    );
  }

  /** What is found, each once. */
  find(bytes: Buffer): string[] {
    const found = new Set<string>();
    this.#searchAll(bytes, found, 0);
    return [...found];
  }

  #searchAll(bytes: Buffer, found: Set<string>, depth: number): void {
    if (depth > DEEPEST) return;
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const unpacked = gunzipped(bytes);
      if (unpacked !== undefined) this.#searchAll(unpacked, found, depth + 1);
    }
    this.#table.search(bytes, found);
    const squeezed = withoutBlanks(bytes);
    if (squeezed.length !== bytes.length) this.#table.search(squeezed, found);
    for (const plain of unescaped(bytes)) this.#searchAll(plain, found, depth + 1);
    for (const plain of decoded(bytes)) this.#searchAll(plain, found, depth + 1);
  }
}

/** The part of the base64 text that does not depend on the bytes around, for each of the three alignments. */
export function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
}

/** Without blanks and line breaks, and without those that JSON or YAML write as a backslash and a letter. */
function withoutBlanks(bytes: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) {
      let after = at + 1;
      while (bytes[after] === BACKSLASH) after++;
      if (ESCAPED_BLANKS.has(bytes[after] ?? 0)) {
        at = after;
        continue;
      }
    }
    if (IS_BLANK[byte] === 0) kept[length++] = byte;
  }
  return kept.subarray(0, length);
}

/** Every run of characters with percent escapes in it, decoded. */
function* unescaped(bytes: Buffer): Generator<Buffer> {
  for (let at = bytes.indexOf(PERCENT); at !== -1; ) {
    let end = at + 1;
    if (IS_HEX[bytes[at + 1] ?? 0] === 1 && IS_HEX[bytes[at + 2] ?? 0] === 1) {
      let start = at;
      while (isPrintable(bytes[start - 1])) start--;
      while (isPrintable(bytes[end])) end++;
      if (end - start >= SHORTEST_ESCAPED) yield percentDecoded(bytes.toString('latin1', start, end));
    }
    at = bytes.indexOf(PERCENT, end);
  }
}

const isPrintable = (byte: number | undefined): boolean => byte !== undefined && byte > 0x20 && byte < 0x7f;

/** Every run of base64 characters, decoded. */
function* decoded(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + SHORTEST_BASE64 <= bytes.length; ) {
    // A run over these positions has to have this one too; what lies before it need not be looked at.
    let start = at + SHORTEST_BASE64 - 1;
    while (start >= at && IS_BASE64[bytes[start]!] === 1) start--;
    start++;
    let end = at + SHORTEST_BASE64;
    if (start > at) {
      at = start;
      continue;
    }
    while (end < bytes.length && IS_BASE64[bytes[end]!] === 1) end++;
    yield Buffer.from(bytes.toString('latin1', at, end), 'base64');
    at = end + 1;
  }
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of characters) table[char.charCodeAt(0)] = 1;
  return table;
}

function gunzipped(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
  } catch {
    return undefined;
  }
}
