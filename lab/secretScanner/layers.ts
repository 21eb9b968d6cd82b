import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { WINDOW_BYTES } from './matcher.ts';

/** Bytes as they stand in a place, or what they become when one encoding after the other is taken off. */
export interface Layer {
  readonly bytes: Buffer;
  /** Encodings that were taken off, outermost first; empty for the bytes as found. */
  readonly encodings: readonly string[];
  /** Where the outermost encoded run starts in the place. */
  readonly offset: number;
}

interface Decoded {
  readonly bytes: Buffer;
  readonly encoding: string;
  readonly at: number;
}

/** A Secret that holds a kubeconfig that holds a data: URL of a gzip member is four deep; twice that is for luck. */
const MAX_DEPTH = 8;
const MIN_BASE64_CHARACTERS = Math.ceil((WINDOW_BYTES * 4) / 3);
const MAX_UNPACKED_BYTES = 1 << 28;

/**
 * Calls `visit` with the bytes and with everything found inside them: base64 in either alphabet with any wrapping (also
 * wrapped by JSON-escaped line ends), hexadecimal, percent-encoding, gzip and zstd members, nested in any order.
 */
export function visitLayers(bytes: Buffer, visit: (layer: Layer) => void): void {
  descend({ bytes, encodings: [], offset: 0 }, visit);
}

function descend(layer: Layer, visit: (layer: Layer) => void): void {
  visit(layer);
  if (layer.encodings.length >= MAX_DEPTH) return;
  const outermost = layer.encodings.length === 0;
  const inner = (decoded: Decoded): void => {
    if (decoded.bytes.length < WINDOW_BYTES) return;
    const offset = outermost ? decoded.at : layer.offset;
    descend({ bytes: decoded.bytes, encodings: [...layer.encodings, decoded.encoding], offset }, visit);
  };
  decodeTextRuns(layer.bytes, inner);
  decodePercent(layer.bytes, inner);
  decompress(layer.bytes, inner);
}

const [OTHER, TEXT, BLANK, ESCAPE] = [0, 1, 2, 3];
const CLASS_OF = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(256).fill(OTHER);
  for (const c of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')) {
    table[c] = TEXT;
  }
  for (const c of Buffer.from(' \t\r\n')) table[c] = BLANK;
  table[0x5c] = ESCAPE;
  return table;
}

/** Runs of base64 characters with the blanks and escaped blanks between them taken out. */
function decodeTextRuns(bytes: Buffer, found: (decoded: Decoded) => void): void {
  const run = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const kind = at < bytes.length ? CLASS_OF[bytes[at]!]! : OTHER;
    if (kind === TEXT) {
      if (length === 0) start = at;
      run[length++] = bytes[at]!;
    } else if (kind === ESCAPE) {
      const { character, end } = readEscape(bytes, at);
      if (character !== undefined) run[length++] = character;
      at = end - 1;
    } else if (kind === OTHER) {
      if (length >= MIN_BASE64_CHARACTERS) decodeRun(run.toString('latin1', 0, length), start, found);
      length = 0;
    }
  }
}

/** A backslash escape of JSON, quoted once or more often: line ends vanish, characters of the alphabet count. */
function readEscape(bytes: Buffer, from: number): { end: number; character?: number } {
  let at = from;
  while (bytes[at] === 0x5c) at++;
  const letter = String.fromCharCode(bytes[at] ?? 0);
  if (letter === '/') return { end: at + 1, character: 0x2f };
  if (letter === 'u') {
    const code = Number.parseInt(bytes.toString('latin1', at + 1, at + 5), 16);
    if (Number.isNaN(code)) return { end: at };
    return CLASS_OF[code & 0xff] === TEXT ? { end: at + 5, character: code } : { end: at + 5 };
  }
  return 'nrt'.includes(letter) ? { end: at + 1 } : { end: at };
}

/** The run may start anywhere in a group of four (text stood before it), so every phase is tried. */
function decodeRun(run: string, at: number, found: (decoded: Decoded) => void): void {
  for (let phase = 0; phase < 4; phase++) {
    found({ bytes: Buffer.from(run.slice(phase), 'base64'), encoding: 'base64', at });
  }
  for (const match of run.matchAll(/[0-9a-fA-F]{48,}/g)) {
    for (let phase = 0; phase < 2; phase++) {
      found({ bytes: Buffer.from(match[0].slice(phase), 'hex'), encoding: 'hex', at: at + match.index });
    }
  }
}

/** Escapes of line ends and of the signs of base64, PEM and hashes; a search for every `%` would stop at each format string. */
const TELLING_ESCAPES = ['%0A', '%0a', '%2B', '%2b', '%2F', '%2f', '%3D', '%3d', '%2D', '%24'];

/** Runs of printable characters that hold such an escape. */
function decodePercent(bytes: Buffer, found: (decoded: Decoded) => void): void {
  const seen = new Set<number>();
  for (const sign of TELLING_ESCAPES) {
    for (let at = bytes.indexOf(sign); at >= 0; at = bytes.indexOf(sign, at + 1)) {
      const [start, end] = printableRun(bytes, at);
      if (!seen.has(start))
        found({ bytes: unescapePercent(bytes, start, end), encoding: 'percent', at: start });
      seen.add(start);
      at = end;
    }
  }
}

function printableRun(bytes: Buffer, at: number): [start: number, end: number] {
  const isPrintable = (byte: number | undefined): boolean => byte !== undefined && byte > 0x20 && byte < 0x7f;
  let start = at;
  let end = at;
  while (isPrintable(bytes[start - 1])) start--;
  while (isPrintable(bytes[end])) end++;
  return [start, end];
}

function unescapePercent(bytes: Buffer, start: number, end: number): Buffer {
  const decoded = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    const isEscape = bytes[at] === 0x25 && /^[0-9a-fA-F]{2}$/.test(bytes.toString('latin1', at + 1, at + 3));
    decoded[length++] = isEscape ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : bytes[at]!;
    if (isEscape) at += 2;
  }
  return decoded.subarray(0, length);
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Compressed members anywhere in the bytes; systemd's journal keeps long fields as zstd frames. */
function decompress(bytes: Buffer, found: (decoded: Decoded) => void): void {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES };
  for (let at = bytes.indexOf(GZIP_MAGIC); at >= 0; at = bytes.indexOf(GZIP_MAGIC, at + 1)) {
    // gunzipSync refuses bytes behind the member, the raw decoder doesn't; the flush option gives what a cut member has.
    const plain = attempt(() => inflateRawSync(bytes.subarray(endOfGzipHeader(bytes, at)), options));
    if (plain !== undefined) found({ bytes: plain, encoding: 'gzip', at });
  }
  for (let at = bytes.indexOf(ZSTD_MAGIC); at >= 0; at = bytes.indexOf(ZSTD_MAGIC, at + 1)) {
    const plain = attempt(() =>
      zstdDecompressSync(bytes.subarray(at), { maxOutputLength: MAX_UNPACKED_BYTES }),
    );
    if (plain !== undefined) found({ bytes: plain, encoding: 'zstd', at });
  }
}

/** RFC 1952, section 2.3. */
function endOfGzipHeader(bytes: Buffer, start: number): number {
  const flags = bytes[start + 3] ?? 0;
  let at = start + 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
  for (const textFlag of [8, 16]) {
    if ((flags & textFlag) !== 0) at = bytes.indexOf(0, at) + 1;
  }
  return (flags & 2) !== 0 ? at + 2 : at;
}

function attempt(decode: () => Buffer): Buffer | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
