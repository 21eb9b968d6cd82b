import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentEncoded } from '#formats/nestedText.ts';
import { renderPem } from '#formats/pem.ts';
import { base64Forms, NeedleSearch } from './needleSearch.ts';

const secret = randomBytes(18);
const search = new NeedleSearch([{ what: 'it', bytes: secret }]);
const around = fc.uint8Array({ maxLength: 100 });

/** Ways in which bytes lie in clusters and files. */
const FORMS: Record<string, (bytes: Buffer) => Buffer> = {
  raw: (bytes) => bytes,
  base64: (bytes) => Buffer.from(bytes.toString('base64')),
  base64url: (bytes) => Buffer.from(bytes.toString('base64url')),
  pem: (bytes) => Buffer.from(renderPem('PRIVATE KEY', bytes)),
  'PEM in JSON': (bytes) => Buffer.from(JSON.stringify({ a: renderPem('PRIVATE KEY', bytes) })),
  'PEM in base64': (bytes) => Buffer.from(Buffer.from(renderPem('X', bytes)).toString('base64')),
  'PEM in a data URL': (bytes) => Buffer.from(`data:,${percentEncoded(Buffer.from(renderPem('X', bytes)))}`),
  gzip: (bytes) => gzipSync(bytes),
  'gzip in base64': (bytes) =>
    Buffer.from(gzipSync(Buffer.concat([bytes, randomBytes(60)])).toString('base64')),
};

describe('search for old material', () => {
  it.each(Object.keys(FORMS))('finds it as %s, wherever it begins', (form) => {
    fc.assert(
      fc.property(around, around, (before, after) => {
        const bytes = FORMS[form]!(Buffer.concat([before, secret, after]));
        expect(search.find(bytes)).toEqual(['it']);
      }),
    );
  });

  it('finds nothing where nothing is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(search.find(Buffer.from(bytes))).toEqual([]);
      }),
    );
  });

  it('knows the text that is the same in every alignment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (before, after) => {
        const text = Buffer.concat([before, secret, after]).toString('base64');
        expect(base64Forms(secret).some((form) => text.includes(form))).toBe(true);
      }),
    );
  });
});
