/** How the lines of a PEM block are laid out, so that a replacement looks like what it replaces. */
export interface PemStyle {
  /** Base64 characters per line; 0 = all on one line. */
  readonly width: number;
  /**
   * LF or CRLF. Of a block inside a JSON or YAML double-quoted string it is backslash and n (backslash, r, backslash
   * and n), with more backslashes where that string is inside another one.
   */
  readonly eol: string;
  /** Blanks before every line after the first, for blocks inside YAML block scalars. */
  readonly indent: string;
}

export interface PemBlock {
  /** Position among all BEGIN lines of the text, defective ones counted. */
  readonly index: number;
  /** Byte range from the first dash of the BEGIN line to the last dash of the END line. */
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** RFC 1421 headers (`Proc-Type: 4,ENCRYPTED`), which mean that `der` is not plain DER. */
  readonly headers: readonly string[];
  readonly der: Buffer;
  readonly style: PemStyle;
  /** The line end after the END line, `''` where the text goes on or stops right there. */
  readonly trailingEol: string;
}

/** A BEGIN line without a readable block; its neighbours are unaffected. The body is never quoted: it may be a key. */
export interface PemDefect {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly reason: string;
}

export interface PemScan {
  readonly blocks: readonly PemBlock[];
  readonly defects: readonly PemDefect[];
}

export interface PemEdit {
  readonly block: PemBlock;
  readonly der: Buffer;
  /** Label of the replacement where it differs from the block's. */
  readonly label?: string;
}

export const STANDARD_PEM_STYLE: PemStyle = { width: 64, eol: '\n', indent: '' };

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const LABEL = /^[\x21-\x2c\x2e-\x7e]+(?:[ -][\x21-\x2c\x2e-\x7e]+)*$/;
const LONGEST_LABEL = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Finds every PEM block of a text in one linear pass. Bytes around blocks may be anything; offsets are byte offsets
 * (of the UTF-8 form when a string is given). Never throws.
 */
export function scanPem(text: Uint8Array | string): PemScan {
  const bytes = asBuffer(text);
  const blocks: PemBlock[] = [];
  const defects: PemDefect[] = [];
  let at = bytes.indexOf(BEGIN);
  for (let index = 0; at !== -1; at = bytes.indexOf(BEGIN, at)) {
    const label = labelAt(bytes, at + BEGIN.length);
    if (label === undefined) {
      at += BEGIN.length;
      continue;
    }
    const found = readBlock(bytes, at, label, index++);
    if ('der' in found) blocks.push(found);
    else defects.push(found);
    at = found.end;
  }
  return { blocks, defects };
}

/** One block, from BEGIN to END line, without a line end after it. */
export function renderPem(label: string, der: Uint8Array, style: PemStyle = STANDARD_PEM_STYLE): string {
  const base64 = asBuffer(der).toString('base64');
  const width = style.width === 0 ? Math.max(base64.length, 1) : style.width;
  const lines = [`${BEGIN}${label}${DASHES}`];
  for (let from = 0; from < base64.length; from += width) lines.push(base64.slice(from, from + width));
  lines.push(`-----END ${label}${DASHES}`);
  return lines.join(style.eol + style.indent);
}

/** A file with this one block: 64 columns, LF, newline at the end. */
export const renderPemFile = (label: string, der: Uint8Array): string => `${renderPem(label, der)}\n`;

/** The text with the given blocks (of a scan of the same text) replaced in their own style; every other byte is kept. */
export function replaceBlocks(text: Uint8Array | string, edits: readonly PemEdit[]): Buffer {
  const bytes = asBuffer(text);
  const parts: Buffer[] = [];
  let copied = 0;
  for (const { block, der, label } of [...edits].sort((a, b) => a.block.start - b.block.start)) {
    if (block.start < copied || block.end > bytes.length) throw new RangeError('PEM edits overlap');
    parts.push(bytes.subarray(copied, block.start));
    parts.push(Buffer.from(renderPem(label ?? block.label, der, block.style), 'latin1'));
    copied = block.end;
  }
  parts.push(bytes.subarray(copied));
  return Buffer.concat(parts);
}

function asBuffer(text: Uint8Array | string): Buffer {
  if (typeof text === 'string') return Buffer.from(text, 'utf8');
  return Buffer.isBuffer(text) ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength);
}

function labelAt(bytes: Buffer, from: number): string | undefined {
  const head = bytes.toString('latin1', from, from + LONGEST_LABEL + DASHES.length);
  const label = head.slice(0, Math.max(head.indexOf(DASHES), 0));
  return LABEL.test(label) ? label : undefined;
}

/** Base64 holds no dash, so the next five dashes must be the END line: this keeps the scan linear on any input. */
function readBlock(bytes: Buffer, start: number, label: string, index: number): PemBlock | PemDefect {
  const bodyStart = start + BEGIN.length + label.length + DASHES.length;
  const bodyEnd = bytes.indexOf(DASHES, bodyStart);
  if (bodyEnd === -1) return { index, start, end: bytes.length, label, reason: 'has no END line' };
  const defect = (reason: string): PemDefect => ({ index, start, end: bodyEnd, label, reason });
  const endLine = `-----END ${label}${DASHES}`;
  const end = bodyEnd + endLine.length;
  if (bytes.toString('latin1', bodyEnd, end) !== endLine) return defect('has no matching END line');

  const eol = eolAt(bytes, bodyStart);
  if (eol === '') return defect('has text after its BEGIN line');
  const lines = bytes
    .toString('latin1', bodyStart + eol.length, bodyEnd)
    .split(eol)
    .map((line) => line.trim());
  const headers = takeHeaders(lines);
  const base64 = lines.join('');
  if (!BASE64.test(base64)) return defect('is not base64');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0) return defect('is empty');
  const style = { width: widthOf(lines), eol, indent: indentBefore(bytes, start) };
  return { index, start, end, label, headers, der, style, trailingEol: eolAt(bytes, end) };
}

const EOL = /^(?:\r?\n|(?:\\+r)?\\+n)/;
/** Of a text in JSON in JSON in JSON. */
const LONGEST_EOL = 2 * 8;

function eolAt(bytes: Buffer, at: number): string {
  return EOL.exec(bytes.toString('latin1', at, at + LONGEST_EOL))?.[0] ?? '';
}

/** Removes RFC 1421 headers and the blank line after them from the front of `lines`. */
function takeHeaders(lines: string[]): string[] {
  const blank = lines[0]?.includes(':') ? lines.indexOf('') : -1;
  return blank === -1 ? [] : lines.splice(0, blank + 1).slice(0, blank);
}

function widthOf(lines: readonly string[]): number {
  const full = lines.filter((line) => line !== '');
  const first = full[0]?.length ?? 0;
  if (full.length > 1) return first;
  return first > STANDARD_PEM_STYLE.width ? 0 : STANDARD_PEM_STYLE.width;
}

function indentBefore(bytes: Buffer, start: number): string {
  let at = start;
  while (at > 0 && (bytes[at - 1] === 0x20 || bytes[at - 1] === 0x09)) at--;
  return at === 0 || bytes[at - 1] === 0x0a ? bytes.toString('latin1', at, start) : '';
}
