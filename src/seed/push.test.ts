import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { SEED_PATHS } from './context.ts';
import { buildSeedImage } from './image.ts';
import { pushAndRestore } from './push.ts';
import { putMembers, seedContext } from './testing.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const index = `${SEED_PATHS.image}/index.json`;

/** A host with an image to push; `code` is what skopeo ends with, `seen` what it finds of the image's files. */
async function hostWithImage(code = 0) {
  const seen: boolean[] = [];
  const host: MemoryHost = new MemoryHost(
    { [`${SEED_PATHS.checks}/image.digest`]: `${DIGEST}\n` },
    ([program]) => {
      if (program !== 'skopeo') return {};
      seen.push(index in host.files.tree());
      return { code };
    },
  );
  await putMembers(host, SEED_PATHS.backup);
  const layout = SEED_PATHS.image;
  await buildSeedImage(host, {
    directory: SEED_PATHS.backup,
    layout,
    architecture: 'amd64',
    now: new Date(0),
  });
  return { host, seen };
}

const enableKubelet = ['systemctl', 'enable', '--now', 'kubelet.service'];

test('the image is there until it is pushed, and the cluster comes back', async () => {
  const { host, seen } = await hostWithImage();
  expect(await pushAndRestore(seedContext(host))).toBe(`r.test/seed@${DIGEST}`);
  expect(seen).toEqual([true]);
  expect(host.files.tree()).toEqual({});
  expect(host.commands.at(-1)).toEqual(enableKubelet);
});

test('a failed push is told after the cluster was brought back', async () => {
  const { host } = await hostWithImage(1);
  await expect(pushAndRestore(seedContext(host))).rejects.toThrow('skopeo');
  expect(host.files.tree()).toEqual({});
  expect(host.commands.at(-1)).toEqual(enableKubelet);
});

test('nothing is brought back when the user wants to look at what is left', async () => {
  const { host } = await hostWithImage();
  await pushAndRestore(seedContext(host, { skipCleanup: true }));
  expect(Object.keys(host.files.tree())).toContain(index);
  expect(host.commands).not.toContainEqual(enableKubelet);
});

test('a damaged image is not pushed, and the cluster comes back all the same', async () => {
  const { host, seen } = await hostWithImage();
  const blobs = Object.keys(host.files.tree()).filter((path) => path.includes('/blobs/'));
  for (const path of blobs) await host.files.write(path, (await host.files.read(path)).subarray(0, -1));
  await expect(pushAndRestore(seedContext(host))).rejects.toMatchObject({ code: 'formats/oci-damaged' });
  expect(seen).toEqual([]);
  expect(host.commands.at(-1)).toEqual(enableKubelet);
});
