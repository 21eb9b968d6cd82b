import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseStreamMetadata } from './streamMetadata.ts';

const sum = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const artifact = fc.record(
  { location: fc.webUrl({ validSchemes: ['https'] }), sha256: sum, 'uncompressed-sha256': sum },
  { requiredKeys: ['location', 'sha256'] },
);
const name = fc.constantFrom('x86_64', 'aarch64', 'metal', 'qcow2.gz', '4k.raw.gz', 'disk');
const stream = fc.record({
  stream: fc.string({ unit: 'grapheme-ascii' }),
  architectures: fc.dictionary(
    name,
    fc.record({
      artifacts: fc.dictionary(
        name,
        fc.record({
          release: fc.string(),
          formats: fc.dictionary(name, fc.dictionary(name, artifact, { minKeys: 1, maxKeys: 2 }), {
            minKeys: 1,
            maxKeys: 2,
          }),
        }),
        { minKeys: 1, maxKeys: 2 },
      ),
      images: fc.constant({}),
    }),
    { minKeys: 1, maxKeys: 2 },
  ),
});
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('reads what has the form of a stream', () => {
  fc.assert(
    fc.property(stream, (document) => {
      const read = parseStreamMetadata(JSON.stringify(document));
      expect(read.ok && plain(read.value)).toEqual(plain(document));
    }),
    { numRuns: 50 },
  );
});

it('never throws, whatever the text is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parseStreamMetadata(text)).not.toThrow();
    }),
  );
});

it.each([
  ['no architecture', {}, 'architectures: at least one is needed'],
  ['no artifact', { x86_64: { artifacts: {} } }, 'architectures.x86_64.artifacts: at least one is needed'],
])('refuses a stream with %s', (_, architectures, message) => {
  const read = parseStreamMetadata(JSON.stringify({ stream: 's', architectures }));
  expect(read.ok).toBe(false);
  expect(read.report.map(({ path, message: text }) => `${path}: ${text}`)).toEqual([message]);
});

it('refuses locations that nothing can be downloaded from', () => {
  const disk = { location: 'file:///x', sha256: 'a'.repeat(64) };
  const artifacts = { metal: { release: '1', formats: { iso: { disk } } } };
  const read = parseStreamMetadata(JSON.stringify({ stream: 's', architectures: { x86_64: { artifacts } } }));
  expect(read.report.map(({ path }) => path)).toEqual([
    'architectures.x86_64.artifacts.metal.formats[iso].disk.location',
  ]);
});
