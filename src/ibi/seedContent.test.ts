import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { renderRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { type LayoutStore, writeOciImage } from '#formats/ociLayout.ts';
import { type TarSource, writeTar } from '#formats/tar.ts';
import { readSeedContent } from './seedContent.ts';

const checksum = randomBytes(32).toString('hex');
const status = (id: string): string =>
  renderRpmOstreeStatus([
    {
      id,
      osname: 'a-b',
      booted: true,
      serial: 1,
      checksum,
      version: '',
      timestamp: 0,
      staged: false,
      origin: '',
    },
  ]);

const members = (): Record<string, string> => ({
  'manifest.json': '{}',
  'containers.list': 'a.test/x',
  'lca-cli': 'program',
  'rpm-ostree.json': status(`a-b-${checksum}.1`),
  'mco-currentconfig.json': '{"spec":{"kernelArguments":["k=v"]}}',
  [`ostree-${checksum}.1.origin`]: '[origin]',
  'etc.deletions': '/etc/a b\n',
  'ostree.tgz': 'OSTREE',
  'var.tgz': 'VAR',
  'etc.tgz': 'ETC',
});

function memoryStore(): LayoutStore {
  const blobs = new Map<string, Buffer>();
  const texts = new Map<string, string>();
  return {
    addBlob: async (content) => {
      const { createHash } = await import('node:crypto');
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      blobs.set(digest, bytes);
      return { digest, size: bytes.length };
    },
    async *openBlob(digest) {
      yield blobs.get(digest)!;
    },
    writeText: async (name, text) => void texts.set(name, text),
    readText: async (name) => texts.get(name)!,
  };
}

const source = (path: string, text: string): TarSource => ({
  path,
  mode: 0o644,
  size: Buffer.byteLength(text),
  content: (async function* () {
    yield Buffer.from(text);
  })(),
});

async function read(...layers: Record<string, string>[]) {
  const store = memoryStore();
  await writeOciImage(
    {
      layers: layers.map((files) => ({
        tar: writeTar(Object.entries(files).map(([path, text]) => source(path, text))),
        compression: 'gzip' as const,
      })),
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      config: {},
      reference: 'seed',
    },
    store,
  );
  const streamed: Record<string, string> = {};
  const sink = (name: string) => async (archive: AsyncIterable<Buffer>) => {
    let text = '';
    for await (const chunk of archive) text += chunk.toString();
    streamed[name] = text;
  };
  const content = await readSeedContent(store, {
    ostree: sink('ostree'),
    var: sink('var'),
    etc: sink('etc'),
  });
  return { content, streamed };
}

test('finds what an installation needs and streams the archives', async () => {
  const { content, streamed } = await read(members());
  expect(content).toMatchObject({
    deployment: { checksum, name: `${checksum}.1` },
    origin: '[origin]',
    etcDeletions: ['/etc/a b'],
    machineConfig: { kernelArguments: ['k=v'] },
  });
  expect(streamed).toEqual({ ostree: 'OSTREE', var: 'VAR', etc: 'ETC' });
});

test('in several layers the upper one counts, and hides what it deletes', async () => {
  const { content, streamed } = await read(members(), { 'containers.list': 'b.test/y', 'var.tgz': 'NEW' });
  expect([content.images, streamed['var']]).toEqual(['b.test/y', 'NEW']);
  await expect(read(members(), { '.wh.containers.list': '' })).rejects.toThrow('no containers.list');
});

test.each([
  ['without etc.tgz', { 'etc.tgz': undefined }, 'it has no etc.tgz'],
  ['without the origin', { [`ostree-${checksum}.1.origin`]: undefined }, '.1.origin'],
  ['with a deletion outside of /etc', { 'etc.deletions': '/etc/../boot\n' }, 'not below /etc'],
  ['with a relative deletion', { 'etc.deletions': 'hosts\n' }, 'not below /etc'],
  [
    'with a deployment id without a dash',
    { 'rpm-ostree.json': status(`${checksum}.1`) },
    'names the booted deployment',
  ],
  [
    'with a deployment id that is no checksum',
    { 'rpm-ostree.json': status('a-../../x.1') },
    'names the booted deployment',
  ],
  ['with nothing booted', { 'rpm-ostree.json': '{"deployments":[]}' }, 'no booted deployment'],
  ['with broken JSON', { 'mco-currentconfig.json': '{"spec":' }, 'mco-currentconfig.json'],
])('a seed %s is refused', async (_what, change, words) => {
  const changed = Object.entries({ ...members(), ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  await expect(read(Object.fromEntries(changed))).rejects.toMatchObject({ code: 'ibi/seed-damaged' });
  await expect(read(Object.fromEntries(changed))).rejects.toThrow(words);
});
