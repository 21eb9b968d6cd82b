import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visitLayers } from './layers.ts';

const SECRET = Buffer.from('the quick brown fox jumps over the lazy dog, 1234567890 times and again');

function isFoundIn(bytes: Buffer): boolean {
  let found = false;
  visitLayers(bytes, (layer) => {
    found ||= layer.bytes.includes(SECRET);
  });
  return found;
}

type Encode = (bytes: Buffer) => Buffer;
const wrapped =
  (width: number, end: string): Encode =>
  (bytes) =>
    Buffer.from((bytes.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end));

const ENCODINGS: Record<string, Encode> = {
  base64: (bytes) => Buffer.from(bytes.toString('base64')),
  base64url: (bytes) => Buffer.from(bytes.toString('base64url')),
  'base64 in lines of 64': wrapped(64, '\n'),
  'base64 in lines of 76 with CRLF': wrapped(76, '\r\n'),
  'base64 in narrow indented lines': wrapped(7, '\n      '),
  'base64 with JSON-escaped line ends': wrapped(64, '\\n'),
  'base64 with twice escaped line ends': wrapped(64, '\\\\n'),
  'base64 with escaped slashes': (bytes) => Buffer.from(bytes.toString('base64').replaceAll('/', '\\/')),
  'percent-encoded base64': (bytes) => Buffer.from(encodeURIComponent(wrapped(60, '\n')(bytes).toString())),
  hex: (bytes) => Buffer.from(bytes.toString('hex')),
  'upper-case hex': (bytes) => Buffer.from(bytes.toString('hex').toUpperCase()),
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

describe('visitLayers', () => {
  it.each(Object.entries(ENCODINGS))('sees through %s, wherever it stands', (_, encode) => {
    for (let lead = 0; lead < 4; lead++) {
      const bytes = Buffer.concat([
        Buffer.alloc(lead, 'A'),
        Buffer.from('!'),
        encode(SECRET),
        Buffer.from('\0after'),
      ]);
      expect(isFoundIn(bytes)).toBe(true);
    }
  });

  it('sees through base64 that other letters stand directly before', () => {
    for (let lead = 0; lead < 4; lead++) {
      expect(isFoundIn(Buffer.from(`${'A'.repeat(lead)}${SECRET.toString('base64')}`))).toBe(true);
    }
  });

  it('sees through any nesting of three', () => {
    const names = fc.array(fc.constantFrom(...Object.keys(ENCODINGS)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(names, fc.uint8Array({ maxLength: 9 }), (layers, lead) => {
        let bytes: Buffer = SECRET;
        for (const name of layers) bytes = ENCODINGS[name]!(Buffer.concat([lead, bytes]));
        return isFoundIn(bytes);
      }),
    );
  });

  it('sees what a cut gzip member has', () => {
    const text = Buffer.concat([
      SECRET,
      Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919) % 251)),
    ]);
    const zipped = gzipSync(text, { level: 0 });
    expect(isFoundIn(zipped.subarray(0, zipped.length - 100))).toBe(true);
  });

  it('sees through a gzip header with a name', () => {
    const plain = gzipSync(SECRET);
    const named = Buffer.concat([plain.subarray(0, 10), Buffer.from('name.txt\0'), plain.subarray(10)]);
    named[3] = 8;
    expect(isFoundIn(named)).toBe(true);
  });

  it('ends on any input', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        (bytes) => void visitLayers(Buffer.from(bytes), () => {}),
      ),
    );
  });
});
