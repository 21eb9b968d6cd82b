import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSeedReconfiguration } from '#api/seedReconfiguration.ts';
import { type ByteSource, readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { renderIso } from '#formats/iso9660Writer.ts';
import { localHost } from '#system/localHost.ts';

const LONG_NAME = `${'long'.repeat(60)}.yaml`;
const FILES: Readonly<Record<string, string>> = {
  'cluster-configuration/manifest.json': '{"api_version":1}',
  'extra-manifests/10-a.yaml': 'a: 1\n'.repeat(2000),
  'extra-manifests/10-b.yaml': '',
  [`extra-manifests/${LONG_NAME}`]: 'b: 2\n',
};

const host = localHost;
let folder: string;
let image: string;

const bytesSource = (bytes: Uint8Array): ByteSource => ({
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-iso-'));
  image = join(folder, 'image.iso');
  const iso = renderIso({
    volumeId: 'cluster-config',
    created: new Date('2031-04-05T06:07:08Z'),
    rootMode: 0o700,
    entries: [
      { path: 'cluster-configuration/manifests', mode: 0o755 },
      ...Object.entries(FILES).map(([path, text]) => ({ path, mode: 0o644, content: Buffer.from(text) })),
    ],
  });
  await writeFile(image, iso);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an image of ours', () => {
  it('is listed by xorriso with names, modes and owners', async () => {
    const { stdout } = await host.run(['xorriso', '-indev', image, '-find', '/', '-exec', 'lsdl']);
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)\s.*'(.*)'$/.exec(line)?.slice(1))
      .filter((columns) => columns !== undefined);
    const directories = ['/cluster-configuration', '/cluster-configuration/manifests', '/extra-manifests'];
    const expected = [
      ['drwx------', '0', '0', '0', '/'],
      ...directories.map((path) => ['drwxr-xr-x', '0', '0', '0', path]),
      ...Object.entries(FILES).map(([path, text]) => [
        '-rw-r--r--',
        '0',
        '0',
        String(text.length),
        `/${path}`,
      ]),
    ];
    expect(listed.toSorted(byPath)).toEqual(expected.toSorted(byPath));
  });

  it('is extracted by xorriso byte for byte', async () => {
    const out = join(folder, 'out');
    await host.run(['xorriso', '-osirrox', 'on', '-indev', image, '-extract', '/', out]);
    for (const [path, text] of Object.entries(FILES)) {
      expect(await readFile(join(out, path), 'utf8')).toBe(text);
    }
    expect((await stat(join(out, 'cluster-configuration/manifests'))).isDirectory()).toBe(true);
  });

  it('shows its label to blkid', async () => {
    const { stdout } = await host.run(['blkid', '-p', '-o', 'export', image]);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['LABEL=cluster-config', 'TYPE=iso9660']));
  });
});

describe('an image of another program', () => {
  it("is read: xorriso's", async () => {
    const tree = join(folder, 'tree');
    await host.run(['mkdir', '-p', join(tree, 'sub')]);
    await writeFile(join(tree, 'sub', LONG_NAME), 'text', { mode: 0o640 });
    const other = join(folder, 'other.iso');
    await host.run(['xorriso', '-as', 'mkisofs', '-R', '-J', '-V', 'relocation-config', '-o', other, tree]);
    const source = bytesSource(await readFile(other));
    const { volumeId, entries } = await readIso(source);
    expect(volumeId).toBe('relocation-config');
    expect(entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'directory sub',
      `file sub/${LONG_NAME}`,
    ]);
    expect((await readIsoFile(source, entries[1]!)).toString()).toBe('text');
  });

  it("is read: the config ISO of the original's library", async () => {
    const sample = join(import.meta.dirname, '../fixtures/config-iso/config-sample.iso');
    const source = bytesSource(await readFile(sample));
    const { volumeId, entries } = await readIso(source);
    expect(volumeId).toBe('cluster-config');
    expect(entries.map(({ kind, mode, path }) => `${kind} ${mode.toString(8)} ${path}`).toSorted()).toEqual([
      'directory 755 cluster-configuration',
      'directory 755 cluster-configuration/manifests',
      'directory 755 extra-manifests',
      'file 644 cluster-configuration/manifest.json',
      'file 644 cluster-configuration/manifests/image-digest-mirror-set.json',
      'file 644 extra-manifests/invoker-cm.yaml',
    ]);
    const manifest = entries.find(({ path }) => path === 'cluster-configuration/manifest.json')!;
    const document = parseSeedReconfiguration((await readIsoFile(source, manifest)).toString());
    expect(document.report).toEqual([]);
    expect(document.ok).toBe(true);
  });
});

const byPath = (a: readonly string[], b: readonly string[]): number => (a.at(-1)! < b.at(-1)! ? -1 : 1);
