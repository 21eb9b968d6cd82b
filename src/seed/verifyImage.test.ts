import { expect, test } from 'vitest';
import { originMember, SEED_INFO_LABEL, SEED_MEMBERS } from '#api/seedImage.ts';
import { parseSeedInventory, SEED_INVENTORY_LABEL } from '#api/seedInventory.ts';
import { type LayoutStore, readOciImage, writeOciImage } from '#formats/ociLayout.ts';
import { writeTar } from '#formats/tar.ts';
import { layoutOn } from '#system/localLayout.ts';
import { MemoryHost } from '#system/testing.ts';
import { buildSeedImage } from './image.ts';
import { putMembers } from './testing.ts';
import { verifySeedImage } from './verifyImage.ts';

const options = { directory: '/backup', layout: '/image', architecture: 'amd64', now: new Date(0) };

/** Builds the image of all members after `change` was done to them. */
async function built(change: (host: MemoryHost) => Promise<unknown>): Promise<LayoutStore> {
  const host = new MemoryHost();
  await putMembers(host, options.directory);
  await change(host);
  await buildSeedImage(host, { ...options, unpackedBytes: { [SEED_MEMBERS.var]: 1234 } });
  return layoutOn(host.files, options.layout);
}

const withMode = (name: string, mode: number) => async (host: MemoryHost) => {
  const path = `${options.directory}/${name}`;
  await host.files.write(path, await host.files.read(path), { mode });
};

test('an image as it is built is as it must be, and says how large its archives are', async () => {
  const store = await built(async () => {});
  await verifySeedImage(store);
  const labels = (await readOciImage(store)).config.config?.Labels ?? {};
  const inventory = parseSeedInventory(labels[SEED_INVENTORY_LABEL] ?? '');
  expect(inventory.ok && inventory.value.members.find(({ name }) => name === SEED_MEMBERS.var)).toMatchObject(
    { mode: 0o600, unpackedBytes: 1234, size: 'content of var.tgz'.length },
  );
});

test('what a killed write left behind is no member', async () => {
  const store = await built((host) => host.files.write('/backup/.containers.list.77-3.tmp', 'half'));
  await verifySeedImage(store);
});

test.each([
  ['an executable that can not run', withMode(SEED_MEMBERS.executable, 0o644), 'lca-cli: is not executable'],
  ['keys for everybody', withMode(SEED_MEMBERS.var, 0o644), 'var.tgz: can be read by others than root'],
  [
    'an origin of another deployment',
    (host: MemoryHost) =>
      host.files.rename(`/backup/${originMember(`${'c'.repeat(64)}.0`)}`, '/backup/ostree-other.origin'),
    `ostree-${'c'.repeat(64)}.0.origin: is missing`,
  ],
  [
    'a status without a booted deployment',
    (host: MemoryHost) => host.files.write('/backup/rpm-ostree.json', '{"deployments":[]}', { mode: 0o600 }),
    'rpm-ostree.json: names no booted deployment',
  ],
])('%s is told', async (_what, change, told) => {
  await expect(built(change).then(verifySeedImage)).rejects.toMatchObject({
    code: 'seed/image-damaged',
    message: expect.stringContaining(told),
  });
});

test('labels and members that are not of one image are told, all of them', async () => {
  const labels = (await readOciImage(await built(async () => {}))).config.config?.Labels ?? {};
  const host = new MemoryHost();
  const store = layoutOn(host.files, '/other');
  const content = Buffer.from('{"cluster_name":"another"}');
  const member = { path: SEED_MEMBERS.clusterInfo, mode: 0o600, size: content.length };
  const tar = writeTar([{ ...member, content: inOneChunk(content) }]);
  const layers = [{ tar, compression: 'gzip' as const }];
  await writeOciImage(
    { layers, architecture: 'amd64', created: '', config: { Labels: labels }, reference: 'x' },
    store,
  );
  const told = await verifySeedImage(store).catch((error: Error) => error.message);
  expect(told).toContain(`label ${SEED_INFO_LABEL}: is not the text of manifest.json`);
  expect(told).toContain('manifest.json: has the digest');
  expect(told).toContain('etc.tgz: is in the inventory and not in the image');
  expect(told).toContain('ostree.tgz: is missing');
});

async function* inOneChunk(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
