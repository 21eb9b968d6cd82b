import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEED_FORMAT_LABEL, SEED_INFO_LABEL, SEED_MEMBERS } from '#api/seedImage.ts';
import { parseSeedInventory, SEED_INVENTORY_LABEL } from '#api/seedInventory.ts';
import { planEtc, planVarArchive } from '#seed/contents.ts';
import { buildSeedImage } from '#seed/image.ts';
import { verifySeedImage } from '#seed/verifyImage.ts';
import { openUnpacker, writeArchive } from '#system/archives.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';
import { parseConfigDiff } from '#system/ostree.ts';
import { registry as registryOf } from '#system/registry.ts';
import {
  ARCHITECTURE,
  makeSyntheticSeed,
  name,
  scratch,
  startRegistry,
  type TestRegistry,
} from './seedFixture.ts';

let base: string;
let registry: TestRegistry;

beforeAll(async () => {
  base = await scratch();
  registry = await startRegistry(base);
});

afterAll(async () => {
  await registry.stop();
  await rm(base, { recursive: true, force: true });
});

const run = async (...argv: string[]): Promise<string> => (await localHost.run(argv)).stdout;

async function makeTree(paths: readonly string[]): Promise<string> {
  const root = join(base, `root-${name()}`);
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path);
  }
  return root;
}

const filesOf = async (archive: string): Promise<string[]> =>
  (await run('tar', '-tzf', archive, '--quoting-style=literal'))
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('/'))
    .sort();

test('var.tgz leaves out what is excluded, and nothing else', async () => {
  const kept = [
    'var/lib/etcd/member/snap/db',
    'var/lib/kubelet/config.json',
    'var/opt/var/tmp/x',
    'var/lib/containers-not/x',
    'var/lib/cni/bin-not',
    'var/home/core/two words',
  ];
  const dropped = [
    'var/tmp/x',
    'var/log/journal/y',
    'var/lib/lca/z',
    'var/lib/containers/storage/a',
    'var/lib/kubelet/pods/u/token',
    'var/home/core/.bash_history',
    'var/lib/cni/networks/n/10.0.0.1',
  ];
  const managed = 'var/lib/containers/managed-by-mco';
  const root = await makeTree([...kept, ...dropped, managed]);
  const target = join(base, 'var.tgz');
  await writeArchive(localHost, { directory: root, arguments: planVarArchive([managed]), target });
  expect(await filesOf(target)).toEqual([...kept, managed].sort());
  expect((await stat(target)).mode & 0o777).toBe(0o600);
});

test('etc.tgz holds changed files once, whatever their names', async () => {
  const root = await makeTree([
    'etc/plain',
    'etc/two words',
    'etc/-option',
    'etc/new-dir/inside',
    'etc/untouched',
  ]);
  const plan = planEtc(
    parseConfigDiff('M    plain\nA    two words\nA    -option\nA    new-dir\nA    new-dir/inside\n'),
  );
  const target = join(base, 'etc.tgz');
  await writeArchive(localHost, {
    directory: root,
    arguments: ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'],
    input: plan.archived.map((path) => `${path}\0`).join(''),
    target,
  });
  expect(await filesOf(target)).toEqual(['etc/-option', 'etc/new-dir/inside', 'etc/plain', 'etc/two words']);
});

test('an archive of a directory that is not there is a Failure, not an empty archive', async () => {
  const writing = writeArchive(localHost, {
    directory: base,
    arguments: [name()],
    target: join(base, 'x.tgz'),
  });
  await expect(writing).rejects.toMatchObject({ code: 'system/command-failed' });
});

test.each(['gzip', 'zstd'] as const)(
  'what was archived with %s is unpacked with mode and owner',
  async (compression) => {
    const root = await makeTree(['a/file']);
    await run('chown', '123:456', join(root, 'a/file'));
    await run('chmod', '2750', join(root, 'a'));
    await writeFile(join(root, 'a/large'), Buffer.alloc(5_000_000, name()));
    const target = join(base, `owned-${compression}`);
    const bytes = await writeArchive(localHost, { directory: root, arguments: ['a'], target, compression });
    expect(bytes).toBeGreaterThan(5_000_000);
    const listed = await run('tar', `--${compression}`, '--list', '--file', target);
    expect(listed.trim().split('\n').sort()).toEqual(['a/', 'a/file', 'a/large']);
    const into = join(base, `into-${name()}`);
    await mkdir(into);
    const unpacker = await openUnpacker(localHost, base);
    await unpacker.unpack(localHost.files.readStream(target), into);
    await unpacker.close();
    expect(await localHost.files.facts(join(into, 'a/file'))).toMatchObject({ uid: 123, gid: 456 });
    expect((await stat(join(into, 'a'))).mode & 0o7777).toBe(0o2750);
    await run('cmp', join(root, 'a/large'), join(into, 'a/large'));
  },
);

test('the image has one layer, both labels, and its members with their modes', async () => {
  const seed = await makeSyntheticSeed(join(base, 'seed'), ['r.test/app:1']);
  const layout = join(base, 'layout');
  const options = { directory: seed.directory, layout, architecture: ARCHITECTURE, now: new Date() };
  const built = await buildSeedImage(localHost, options);
  const image = `${registry.address}/seeds/${name()}:1`;
  const client = registryOf(localHost, { registriesConf: registry.conf });
  await verifySeedImage(localLayout(layout));
  expect(await client.push(layout, image, join(base, 'digest'))).toBe(built);
  const remote = await client.inspect(image);
  expect(remote).toMatchObject({ digest: built, architecture: ARCHITECTURE });
  expect(remote.labels[SEED_FORMAT_LABEL]).toBe('4');
  expect(JSON.parse(remote.labels[SEED_INFO_LABEL] ?? '')).toMatchObject({
    seed_cluster_ocp_version: seed.version,
  });

  // By other programs than ours: skopeo fetches, tar unpacks.
  const fetched = join(base, 'fetched');
  await run('skopeo', 'copy', '--quiet', '--src-tls-verify=false', `docker://${image}`, `dir:${fetched}`);
  const manifest = JSON.parse(await localHost.files.readText(join(fetched, 'manifest.json')));
  expect(manifest.layers).toHaveLength(1);
  const layer = join(fetched, manifest.layers[0].digest.slice('sha256:'.length));
  const listed = (await run('tar', '-tvzf', layer)).trim().split('\n');
  const modes = new Map(listed.map((line) => [line.split(/\s+/).at(-1), line.slice(0, 10)]));
  expect([...modes.keys()].sort()).toEqual((await readdir(seed.directory)).sort());
  expect(modes.get(SEED_MEMBERS.executable)).toBe('-rwxr-xr-x');
  expect(modes.get(SEED_MEMBERS.clusterInfo)).toBe('-rw-------');

  const inventory = parseSeedInventory(remote.labels[SEED_INVENTORY_LABEL] ?? '');
  const digests = inventory.ok ? inventory.value.members.map((m) => `${m.sha256}  ${m.name}`) : [];
  const summed = await localHost.run(['sha256sum', ...(await readdir(seed.directory))], {
    cwd: seed.directory,
  });
  expect(digests.sort()).toEqual(summed.stdout.trim().split('\n').sort());
});

test('a directory without all members makes no image', async () => {
  const directory = await makeTree(['manifest.json']);
  const options = { directory, layout: join(base, 'none'), architecture: ARCHITECTURE, now: new Date() };
  await expect(buildSeedImage(localHost, options)).rejects.toThrow(/lacks lca-cli, containers\.list/);
});
