import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMember, readTar, type TarSource, writeTar } from './tar.ts';
import { parsePaxRecords, renderTarHeader } from './tarHeader.ts';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const source = (path: string, content: Buffer, mode = 0o644): TarSource => ({
  path,
  mode,
  size: content.length,
  content: inChunks(content, 700),
});

async function pack(members: readonly TarSource[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of writeTar(members)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function unpack(
  bytes: Buffer,
  chunkSize = 1000,
): Promise<{ path: string; mode: number; content: string }[]> {
  const found = [];
  for await (const member of readTar(inChunks(bytes, chunkSize))) {
    const content = (await readMember(member, 1 << 20)).toString('latin1');
    found.push({ path: member.path, mode: member.mode, content });
  }
  return found;
}

const step = fc.stringMatching(/^[a-zäß _.-]{1,60}$/).filter((s) => !/^\.+$/.test(s));
const path = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('/'));

test('whatever is written is read back, in any chunks', async () => {
  const member = fc.record({
    path,
    content: fc.uint8Array({ maxLength: 2000 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 5 }),
      fc.integer({ min: 1, max: 3000 }),
      async (members, size) => {
        const bytes = await pack(members.map((m) => source(m.path, Buffer.from(m.content), m.mode)));
        const expected = members.map((m) => ({
          path: m.path,
          mode: m.mode,
          content: Buffer.from(m.content).toString('latin1'),
        }));
        expect(await unpack(bytes, size)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('unread content is skipped', async () => {
  const bytes = await pack([source('a', Buffer.alloc(5000, 'a')), source('b', Buffer.from('b'))]);
  const paths = [];
  for await (const member of readTar(inChunks(bytes, 100))) paths.push(member.path);
  expect(paths).toEqual(['a', 'b']);
});

/** A header made by hand: the writer itself would never make these. */
function crafted(path: string, typeFlag: string, linkName = ''): Buffer {
  const block = renderTarHeader({ path, kind: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 });
  block.write(typeFlag, 156, 1, 'latin1');
  block.write(linkName, 157, 100, 'latin1');
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return Buffer.concat([block, Buffer.alloc(1024)]);
}

test.each([
  ['an absolute path', crafted('/etc/passwd', '0'), 'formats/tar-path-refused'],
  ['a path that climbs', crafted('a/../../b', '0'), 'formats/tar-path-refused'],
  ['a block device', crafted('sda', '4'), 'formats/tar-kind-refused'],
  ['a pipe', crafted('p', '6'), 'formats/tar-kind-refused'],
  ['an absolute symbolic link', crafted('l', '2', '/etc'), 'formats/tar-link-refused'],
  ['a symbolic link out of the archive', crafted('d/l', '2', '../../x'), 'formats/tar-link-refused'],
  ['a hard link that climbs', crafted('l', '1', '../x'), 'formats/tar-path-refused'],
  ['an archive that ends early', crafted('a', '0').subarray(0, 512), 'formats/tar-truncated'],
  ['text instead of an archive', Buffer.alloc(1024, 'text'), 'formats/tar-damaged'],
])('%s is refused', async (_what, bytes, code) => {
  await expect(unpack(bytes)).rejects.toMatchObject({ code });
});

test('a symbolic link inside the archive is fine', async () => {
  for await (const member of readTar(inChunks(crafted('d/l', '2', '../x'), 512))) {
    expect(member).toMatchObject({ kind: 'symlink', linkTarget: '../x' });
  }
});

test('limits on size and number hold', async () => {
  const bytes = await pack([source('a', Buffer.alloc(10)), source('b', Buffer.alloc(10))]);
  const drain = async (options: Parameters<typeof readTar>[1]) => {
    for await (const member of readTar(inChunks(bytes, 512), options)) void member;
  };
  await expect(drain({ maxMemberSize: 9 })).rejects.toMatchObject({ code: 'formats/tar-too-large' });
  await expect(drain({ maxMembers: 1 })).rejects.toMatchObject({ code: 'formats/tar-too-large' });
});

test.each(['x', '5 a=b', '6 ab\n', '99 a=b\n', '6 a=bc', '-6 a=b\n', '0 a=b\n'])(
  'the pax records %j are refused',
  (text) => {
    expect(() => parsePaxRecords(Buffer.from(text))).toThrow('extended header');
  },
);

test('content that is not as long as announced is refused', async () => {
  const short = { ...source('a', Buffer.from('abc')), size: 4 };
  await expect(pack([short])).rejects.toMatchObject({ code: 'formats/tar-size-differs' });
});

test('random bytes never hang or crash the reader', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      await unpack(Buffer.from(bytes)).catch((error: Error) => expect(error.name).toBe('Failure'));
    }),
  );
});
