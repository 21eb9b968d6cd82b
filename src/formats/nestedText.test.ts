import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  editNestedText,
  type NestedTextVisitor,
  type Nesting,
  percentDecoded,
  percentEncoded,
} from './nestedText.ts';
import { renderPem } from './pem.ts';

const OLD = Buffer.from('the old bytes, long enough to need more than one line of base64 in a PEM block');
const NEW = Buffer.from('new');
const TOKEN = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.c2lnbmF0dXJl`;
const swap: NestedTextVisitor = {
  pem: (block) => (block.der.equals(OLD) ? { label: block.label, der: NEW } : undefined),
  jwt: () => 'TOKEN',
};

const wrap: Record<Nesting | 'percent-url' | 'json', (text: Buffer) => Buffer> = {
  base64: (text) => Buffer.from(`data: ${text.toString('base64')}\n`),
  'data-url': (text) =>
    Buffer.from(`{"source":"data:text/plain;charset=utf-8;base64,${text.toString('base64')}"}`),
  'percent-url': (text) => Buffer.from(`{"source":"data:,${percentEncoded(text)}"}`),
  gzip: gzipSync,
  json: (text) => Buffer.from(JSON.stringify({ a: text.toString('latin1') }), 'latin1'),
};

describe('editing inside nested encodings', () => {
  it.each(['\n', '\r\n', '\t'])('finds tokens and base64 after %j that JSON has escaped', (blank) => {
    const build = (der: Buffer, token: string): Buffer => {
      const encoded = Buffer.from(renderPem('CERTIFICATE', der)).toString('base64');
      return wrap.json(wrap.json(Buffer.from(`a:${blank}${token}${blank}${encoded}`)));
    };
    expect(editNestedText(build(OLD, TOKEN), swap)).toEqual(build(NEW, 'TOKEN'));
  });

  const kinds = fc.array(fc.constantFrom('base64', 'data-url', 'percent-url' as const), { maxLength: 4 });

  it('replaces at any depth exactly as if the inner text had been replaced before wrapping', () => {
    fc.assert(
      fc.property(kinds, fc.string(), (layers, around) => {
        fc.pre(!/eyJ|data:|-----/.test(around) && around.length < 60);
        const build = (der: Buffer, token: string): Buffer =>
          layers.reduce<Buffer>(
            (text, layer) => wrap[layer](text),
            Buffer.from(`${around}\n${renderPem('CERTIFICATE', der)}\n x: ${token} \n`),
          );
        expect(editNestedText(build(OLD, TOKEN), swap)).toEqual(build(NEW, 'TOKEN'));
      }),
    );
  });

  it('reads through gzip and JSON escapes', () => {
    const packed = editNestedText(wrap.gzip(Buffer.from(renderPem('X', OLD))), swap)!;
    expect(gunzipSync(packed).toString()).toBe(renderPem('X', NEW));
    const escaped = wrap.json(Buffer.from(renderPem('X', OLD)));
    expect(editNestedText(escaped, swap)).toEqual(wrap.json(Buffer.from(renderPem('X', NEW))));
  });

  it('replaces the blocks around a broken one', () => {
    const broken = '-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n';
    const text = `${renderPem('A', OLD)}\n${broken}${renderPem('B', OLD)}\n`;
    const expected = `${renderPem('A', NEW)}\n${broken}${renderPem('B', NEW)}\n`;
    expect(editNestedText(Buffer.from(text), swap)?.toString()).toBe(expected);
  });

  it('removes a block with its line end', () => {
    const remove: NestedTextVisitor = { pem: () => 'remove', jwt: () => undefined };
    expect(editNestedText(Buffer.from(`a\n${renderPem('A', OLD)}\nb`), remove)?.toString()).toBe('a\nb');
  });

  it('keeps anything that holds nothing, binary or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(editNestedText(Buffer.from(bytes), swap)).toBeUndefined();
      }),
    );
  });

  it('leaves three dotted words, foreign tokens and base64 that is not canonical alone', () => {
    for (const text of ['a.b.c', 'eyJub3Qi.x.y', `${'A'.repeat(65)}`, `${'A'.repeat(63)}B==`])
      expect(editNestedText(Buffer.from(text), swap)).toBeUndefined();
  });

  it('escapes and unescapes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(percentDecoded(percentEncoded(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
