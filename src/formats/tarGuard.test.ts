import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeTar } from './tar.ts';
import { guardTar } from './tarGuard.ts';

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function* inPieces(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

const file = (path: string, content = Buffer.from('x')) => ({
  ...{ path, mode: 0o600, size: content.length },
  content: inPieces(content, 600),
});

/** Two header fields of the first member are changed, and its checksum is made right again. */
function altered(archive: Buffer, typeFlag: string, linkName = ''): Buffer {
  const block = Buffer.from(archive);
  block.write(typeFlag, 156, 1, 'latin1');
  block.write(linkName, 157, 100, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

test('an archive passes unchanged, however it is cut into pieces', async () => {
  const arbitrary = fc.record({
    names: fc.array(fc.stringMatching(/^[a-z]{1,120}$/), { minLength: 1, maxLength: 5 }),
    content: fc.uint8Array({ maxLength: 1500 }),
    piece: fc.constantFrom(31, 511, 512, 513, 1024, 5000),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ names, content, piece }) => {
      const archive = await collect(writeTar(names.map((name) => file(name, Buffer.from(content)))));
      expect(await collect(guardTar(inPieces(archive, piece)))).toEqual(archive);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['an absolute path', [file('/etc/shadow')], 'path-refused'],
  ['a path that leads out', [file('a/../../b')], 'path-refused'],
  ['a long path that leads out', [file(`${'a/'.repeat(80)}../x`)], 'path-refused'],
])('%s is refused before it is passed on', async (_, members, code) => {
  const passed: Buffer[] = [];
  const guarded = async () => {
    for await (const chunk of guardTar(inPieces(await collect(writeTar(members)), 512))) passed.push(chunk);
  };
  await expect(guarded()).rejects.toMatchObject({ code: `formats/tar-${code}` });
  // At most the extended header that carries the name: it makes nothing by itself.
  expect(Buffer.concat(passed).length).toBeLessThanOrEqual(1024);
});

test.each([
  ['a character device', '3', '', 'kind-refused'],
  ['a block device', '4', '', 'kind-refused'],
  ['a pipe', '6', '', 'kind-refused'],
  ['a sparse file of old', 'S', '', 'kind-refused'],
  ['a hard link to an absolute path', '1', '/etc/shadow', 'path-refused'],
  ['a hard link that leads out', '1', 'a/../../b', 'path-refused'],
])('%s is refused', async (_, flag, link, code) => {
  const archive = altered(await collect(writeTar([file('x', Buffer.alloc(0))])), flag, link);
  await expect(collect(guardTar(inPieces(archive, 512)))).rejects.toMatchObject({
    code: `formats/tar-${code}`,
  });
});

test('symbolic links may point anywhere', async () => {
  const archive = altered(await collect(writeTar([file('x', Buffer.alloc(0))])), '2', '/usr/bin/true');
  expect(await collect(guardTar(inPieces(archive, 100)))).toEqual(archive);
});

test('an archive that ends early is damaged', async () => {
  const archive = await collect(writeTar([file('a', Buffer.alloc(2000))]));
  await expect(collect(guardTar(inPieces(archive.subarray(0, 1500), 512)))).rejects.toMatchObject({
    code: 'formats/tar-truncated',
  });
});
