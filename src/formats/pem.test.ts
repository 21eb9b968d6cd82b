import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type PemStyle,
  renderPem,
  renderPemFile,
  replaceBlocks,
  STANDARD_PEM_STYLE,
  scanPem,
} from './pem.ts';

const der = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((octets) => Buffer.from(octets));
const label = fc.constantFrom('CERTIFICATE', 'RSA PRIVATE KEY', 'EC PARAMETERS', 'X509 CRL');
const style: fc.Arbitrary<PemStyle> = fc.record({
  width: fc.constantFrom(48, 64, 76),
  eol: fc.constantFrom('\n', '\r\n', '\\n', '\\r\\n', '\\\\n'),
  indent: fc.constantFrom('', '  ', '\t'),
});
/** Bytes of any kind that cannot be mistaken for a BEGIN line. */
const noise = fc
  .uint8Array({ maxLength: 60 })
  .map((octets) => Buffer.from(octets).map((octet) => (octet === 0x2d ? 0x2e : octet)))
  .map((octets) => Buffer.from(octets));

test('a rendered block is found again where it was put, with bytes, label and style', () => {
  fc.assert(
    fc.property(noise, label, der, style, noise, (before, name, body, look, after) => {
      const lead = Buffer.concat([before, Buffer.from(`\n${look.indent}`)]);
      const block = Buffer.from(renderPem(name, body, look));
      const { blocks, defects } = scanPem(Buffer.concat([lead, block, Buffer.from('\n'), after]));
      expect(defects).toEqual([]);
      expect(blocks).toHaveLength(1);
      const width = body.toString('base64').length > look.width ? look.width : STANDARD_PEM_STYLE.width;
      expect(blocks[0]).toMatchObject({
        start: lead.length,
        end: lead.length + block.length,
        label: name,
        trailingEol: '\n',
        style: { eol: look.eol, indent: look.indent },
      });
      expect(blocks[0]?.der).toEqual(body);
      if (body.length > 60) expect(blocks[0]?.style.width).toBe(width);
    }),
  );
});

test('replacing every block by itself changes nothing, replacing one keeps all other bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(noise, der), { minLength: 1, maxLength: 4 }),
      style,
      der,
      (parts, look, fresh) => {
        const pieces = parts.flatMap(([around, body]) => [
          Buffer.concat([around, Buffer.from(`\n${look.indent}`)]),
          Buffer.from(renderPem('CERTIFICATE', body, look)),
        ]);
        const text = Buffer.concat(pieces);
        const { blocks } = scanPem(text);
        expect(
          replaceBlocks(
            text,
            blocks.map((block) => ({ block, der: block.der })),
          ).equals(text),
        ).toBe(true);

        const target = blocks.at(-1)!;
        const edited = replaceBlocks(text, [{ block: target, der: fresh, label: 'NEW' }]);
        expect(edited.subarray(0, target.start).equals(text.subarray(0, target.start))).toBe(true);
        expect(scanPem(edited).blocks.at(-1)).toMatchObject({ label: 'NEW', der: fresh });
      },
    ),
  );
});

test('a body on one line stays on one line', () => {
  const text = renderPem('CERTIFICATE', Buffer.alloc(200, 1), { width: 0, eol: '\n', indent: '' });
  const [block] = scanPem(text).blocks;
  expect(block?.style.width).toBe(0);
  expect(
    replaceBlocks(text, [{ block: block!, der: Buffer.alloc(300, 2) }])
      .toString()
      .split('\n'),
  ).toHaveLength(3);
});

test('a CRLF file keeps its line ends and its missing last line end', () => {
  const text = renderPem('CERTIFICATE', Buffer.alloc(100), { ...STANDARD_PEM_STYLE, eol: '\r\n' });
  const [block] = scanPem(text).blocks;
  expect(block).toMatchObject({ style: { eol: '\r\n' }, trailingEol: '' });
  const edited = replaceBlocks(text, [{ block: block!, der: Buffer.alloc(90) }]).toString();
  expect(edited).toMatch(/-----END CERTIFICATE-----$/);
  expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
});

test('a block in a YAML block scalar keeps its indentation, one in a JSON string its escapes', () => {
  const der = Buffer.alloc(60);
  const [begin, end] = ['-----BEGIN A-----', '-----END A-----'];
  const yaml = `ca: |\n  ${begin}\n  ${'A'.repeat(64)}\n  ${'A'.repeat(16)}\n  ${end}\nnext: 1\n`;
  const json = `{"ca":"${begin}\\n${'A'.repeat(64)}\\n${'A'.repeat(16)}\\n${end}\\n"}`;
  for (const text of [yaml, json]) {
    const [block] = scanPem(text).blocks;
    expect(block?.der).toEqual(der);
    expect(replaceBlocks(text, [{ block: block!, der }]).toString()).toBe(text);
  }
});

const GOOD = renderPemFile('CERTIFICATE', Buffer.from('body'));

test.each([
  ['has no END line', '-----BEGIN CERTIFICATE-----\nAAAA\n'],
  ['has no matching END line', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ['is not base64', '-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n'],
  ['is not base64', '-----BEGIN CERTIFICATE-----\nAAAAA\n-----END CERTIFICATE-----\n'],
  ['is empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ['has text after its BEGIN line', '-----BEGIN CERTIFICATE----- x\nAAAA\n-----END CERTIFICATE-----\n'],
])('a block that %s is a defect and spoils no other', (reason, bad) => {
  const { blocks, defects } = scanPem(`${GOOD}${bad}`);
  expect(blocks.map(({ index }) => index)).toEqual([0]);
  expect(defects).toMatchObject([{ index: 1, label: 'CERTIFICATE', reason, start: GOOD.length }]);
  if (reason !== 'has no END line') {
    expect(scanPem(`${bad}${GOOD}`).blocks.map(({ index }) => index)).toEqual([1]);
  }
});

test('a BEGIN line without END does not swallow the block after it', () => {
  const { blocks, defects } = scanPem(`-----BEGIN CERTIFICATE-----\nAAAA\n${GOOD}`);
  expect(defects).toHaveLength(1);
  expect(blocks.map(({ der: body }) => body.toString())).toEqual(['body']);
});

test('headers of an encrypted key are kept apart from its bytes', () => {
  const text = GOOD.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n');
  expect(scanPem(text).blocks).toMatchObject([
    { headers: ['Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-256-CBC,00'], der: Buffer.from('body') },
  ]);
});

test('any text is scanned without an error and within its bounds', () => {
  const token = fc.constantFrom(
    '-----BEGIN ',
    '-----END ',
    'CERTIFICATE',
    '-----',
    '\n',
    'QUJD',
    ':',
    '=',
    ' ',
  );
  const text = fc.array(fc.oneof(token, fc.string())).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (input) => {
      const { blocks, defects } = scanPem(input);
      const ranges = [...blocks, ...defects].sort((a, b) => a.start - b.start);
      expect(ranges.map(({ index }) => index)).toEqual(ranges.map((_, i) => i));
      let last = 0;
      for (const { start, end } of ranges) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(Buffer.byteLength(input));
    }),
  );
});

test('edits of overlapping blocks are refused', () => {
  const [block] = scanPem(GOOD).blocks;
  const edit = { block: block!, der: Buffer.from('x') };
  expect(() => replaceBlocks(GOOD, [edit, edit])).toThrow(RangeError);
});
