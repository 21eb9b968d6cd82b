import { gunzipSync, gzipSync } from 'node:zlib';
import { type PemBlock, type PemDefect, renderPem, scanPem } from './pem.ts';

/** How a text lies inside another, outermost first. */
export type Nesting = 'base64' | 'data-url' | 'gzip';

export interface TextPlace {
  readonly nesting: readonly Nesting[];
}

/** A PEM block to put in the place of another, or `remove` to leave nothing there. */
export type PemReplacement = { readonly label: string; readonly der: Uint8Array } | 'remove' | undefined;

/** Is asked about everything that is found; undefined leaves it as it is. */
export interface NestedTextVisitor {
  pem(block: PemBlock, place: TextPlace): PemReplacement;
  /** Three base64url segments, the first of which is a JSON object; it need not be a valid token. */
  jwt(token: string, place: TextPlace): string | undefined;
  defect?(defect: PemDefect, place: TextPlace): void;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: Buffer;
}

const TOP: TextPlace = { nesting: [] };
const DEEPEST = 6;
/** Enough for any MachineConfig file; what unpacks to more is left alone. */
const LARGEST_UNPACKED = 64 << 20;
const SHORTEST_BASE64 = 64;
/** Tokens, data URLs and base64. The `n` of an escaped line end in JSON belongs to none of them. */
const CANDIDATE =
  /(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+|data:[A-Za-z0-9.+/;=_-]{0,200},[A-Za-z0-9%_.!~*'()+/=;:@&$?-]*|(?<!\\)[A-Za-z0-9+/]{64,}={0,2}/g;

/**
 * Visits PEM blocks and tokens of a text, also inside base64, data URLs and gzip that lie in it at any depth, whatever
 * the format around them (kubeconfig, Ignition, JSON, plain). Answers the edited text, or undefined if it stays as it
 * is; every byte outside a replaced item and the encodings around it is kept.
 */
export function editNestedText(
  text: Buffer,
  visitor: NestedTextVisitor,
  place: TextPlace = TOP,
): Buffer | undefined {
  if (place.nesting.length > DEEPEST) return undefined;
  if (text[0] === 0x1f && text[1] === 0x8b) return editGzip(text, visitor, place);
  const splices: Splice[] = [];
  const { blocks, defects } = scanPem(text);
  for (const defect of defects) visitor.defect?.(defect, place);
  for (const block of blocks) {
    const replacement = visitor.pem(block, place);
    if (replacement !== undefined) splices.push(spliceOfBlock(block, replacement));
  }
  for (const { at, found } of candidatesBetween(text, blocks)) {
    const edited = editCandidate(found, visitor, place);
    if (edited !== undefined) splices.push({ start: at, end: at + found.length, text: edited });
  }
  return splices.length === 0 ? undefined : spliced(text, splices);
}

function spliceOfBlock(block: PemBlock, replacement: Exclude<PemReplacement, undefined>): Splice {
  if (replacement === 'remove') {
    const end = block.end + block.trailingEol.length;
    return { start: block.start, end, text: Buffer.alloc(0) };
  }
  const rendered = renderPem(replacement.label, replacement.der, block.style);
  return { start: block.start, end: block.end, text: Buffer.from(rendered, 'latin1') };
}

/** One byte is one character here, so offsets fit and bytes that are no UTF-8 survive. */
function* candidatesBetween(
  text: Buffer,
  blocks: readonly PemBlock[],
): Generator<{ at: number; found: string }> {
  if (text.length < SHORTEST_BASE64 && !text.includes('eyJ') && !text.includes('data:')) return;
  const gaps: [number, number][] = [];
  let from = 0;
  for (const block of blocks) {
    gaps.push([from, block.start]);
    from = block.end;
  }
  gaps.push([from, text.length]);
  for (const [start, end] of gaps) {
    for (const match of text.toString('latin1', start, end).matchAll(CANDIDATE))
      yield { at: start + match.index, found: match[0] };
  }
}

function editCandidate(found: string, visitor: NestedTextVisitor, place: TextPlace): Buffer | undefined {
  if (found.startsWith('data:')) return editDataUrl(found, visitor, place);
  if (found.startsWith('eyJ') && found.includes('.')) {
    const edited = looksLikeJwt(found) ? visitor.jwt(found, place) : undefined;
    return edited === undefined ? undefined : Buffer.from(edited, 'latin1');
  }
  const edited = editBase64(found, visitor, within(place, 'base64'));
  return edited === undefined ? undefined : Buffer.from(edited, 'latin1');
}

function editBase64(text: string, visitor: NestedTextVisitor, place: TextPlace): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  // What does not come back the same is no canonical base64 and may not be written back.
  const padded = bytes.toString('base64');
  const bare = padded.replace(/=+$/, '');
  if (text !== padded && text !== bare) return undefined;
  const edited = editNestedText(bytes, visitor, place);
  if (edited === undefined) return undefined;
  const written = edited.toString('base64');
  return text === padded ? written : written.replace(/=+$/, '');
}

function editDataUrl(url: string, visitor: NestedTextVisitor, place: TextPlace): Buffer | undefined {
  const comma = url.indexOf(',');
  const [head, payload] = [url.slice(0, comma + 1), url.slice(comma + 1)];
  const inside = within(place, 'data-url');
  if (head.endsWith(';base64,')) {
    const plain = payload.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=');
    const edited = editBase64(plain, visitor, inside);
    return edited === undefined ? undefined : Buffer.from(head + edited, 'latin1');
  }
  const edited = editNestedText(percentDecoded(payload), visitor, inside);
  return edited === undefined ? undefined : Buffer.from(head + percentEncoded(edited), 'latin1');
}

function editGzip(bytes: Buffer, visitor: NestedTextVisitor, place: TextPlace): Buffer | undefined {
  let unpacked: Buffer;
  try {
    unpacked = gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
  } catch {
    return undefined;
  }
  const edited = editNestedText(unpacked, visitor, within(place, 'gzip'));
  return edited === undefined ? undefined : gzipSync(edited);
}

/** The bytes that a percent-encoded text stands for; a stray `%` stands for itself. */
export function percentDecoded(text: string): Buffer {
  const parts = text.split(/(%[0-9a-fA-F]{2})/);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part, 'latin1'),
    ),
  );
}

/** Everything but RFC 2396 unreserved characters is escaped, byte by byte, as Ignition producers do. */
export function percentEncoded(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^A-Za-z0-9\-_.!~*'()]/g, (char) => `%${hex(char.charCodeAt(0))}`);
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

function looksLikeJwt(token: string): boolean {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString(),
    );
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

const within = (place: TextPlace, nesting: Nesting): TextPlace => ({ nesting: [...place.nesting, nesting] });

function spliced(text: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  for (const { start, end, text: replacement } of splices.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.subarray(copied, start), replacement);
    copied = end;
  }
  parts.push(text.subarray(copied));
  return Buffer.concat(parts);
}
