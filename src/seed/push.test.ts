import { expect, test } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import { MemoryHost } from '#system/testing.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';
import { pushAndRestore } from './push.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const index = `${SEED_PATHS.image}/index.json`;

const context = (host: MemoryHost, skipCleanup = false): SeedContext => ({
  host,
  options: {
    ...{ image: 'r.test/seed:1', authfile: '/a', recertImage: undefined },
    ...{ skipRecertValidation: false, skipCleanup },
  },
  logger: silentLogger,
  now: () => new Date(0),
  clock: () => 0,
  randomBytes: (size) => Buffer.alloc(size),
  executable: '/x',
  architecture: 'amd64',
});

/** A host with an image to push; `code` is what skopeo ends with, `seen` what it finds of the image's files. */
function hostWithImage(code = 0) {
  const seen: boolean[] = [];
  const files = { [index]: '{}', [`${SEED_PATHS.checks}/image.digest`]: `${DIGEST}\n` };
  const host: MemoryHost = new MemoryHost(files, ([program]) => {
    if (program !== 'skopeo') return {};
    seen.push(index in host.files.tree());
    return { code };
  });
  return { host, seen };
}

const enableKubelet = ['systemctl', 'enable', '--now', 'kubelet.service'];

test('the image is there until it is pushed, and the cluster comes back', async () => {
  const { host, seen } = hostWithImage();
  expect(await pushAndRestore(context(host))).toBe(`r.test/seed@${DIGEST}`);
  expect(seen).toEqual([true]);
  expect(host.files.tree()).toEqual({});
  expect(host.commands.at(-1)).toEqual(enableKubelet);
});

test('a failed push is told after the cluster was brought back', async () => {
  const { host } = hostWithImage(1);
  await expect(pushAndRestore(context(host))).rejects.toThrow('skopeo');
  expect(host.files.tree()).toEqual({});
  expect(host.commands.at(-1)).toEqual(enableKubelet);
});

test('nothing is brought back when the user wants to look at what is left', async () => {
  const { host } = hostWithImage();
  await pushAndRestore(context(host, true));
  expect(Object.keys(host.files.tree())).toContain(index);
  expect(host.commands).not.toContainEqual(enableKubelet);
});
