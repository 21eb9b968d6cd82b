import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { raiseInotifyLimit, restoreInotifyLimit } from './inotifyLimit.ts';
import { openLab } from './lab.ts';

const LIMIT = '/proc/sys/fs/inotify/max_user_instances';

/** A machine whose sysctl writes what it is told to, or can't. */
function machine(files: Readonly<Record<string, string>> = {}, isReadOnly = false) {
  const host: MemoryHost = new MemoryHost({ [LIMIT]: '128\n', ...files }, async ([program, ...argv]) => {
    if (program !== 'sysctl') return {};
    if (isReadOnly) return { code: 255, stderr: 'read-only file system' };
    await host.files.write(LIMIT, `${argv.at(-1)!.split('=')[1]}\n`);
    return {};
  });
  const limit = async () => Number(await host.files.readText(LIMIT));
  return { host, lab: openLab(host), limit };
}

test('few hosts leave the limit alone', async () => {
  const { lab, limit } = machine();
  await raiseInotifyLimit(lab, 3);
  expect(await limit()).toBe(128);
});

test('many hosts raise it, more raise it further, and it comes back to what it was', async () => {
  const { lab, limit } = machine();
  await raiseInotifyLimit(lab, 5);
  const first = await limit();
  await raiseInotifyLimit(lab, 9);
  const second = await limit();
  expect(first).toBeGreaterThan(128);
  expect(second).toBeGreaterThan(first);
  await restoreInotifyLimit(lab);
  expect(await limit()).toBe(128);
});

test('it stays as long as another lab is up', async () => {
  const { host, lab, limit } = machine({ '/run/netns/sower-other': '' });
  await raiseInotifyLimit(lab, 9);
  await restoreInotifyLimit(lab);
  expect(await limit()).toBeGreaterThan(128);
  await host.files.remove('/run/netns/sower-other');
  await restoreInotifyLimit(lab);
  expect(await limit()).toBe(128);
});

test('where it can not be raised, the failure says to what', async () => {
  const { lab } = machine({}, true);
  await expect(raiseInotifyLimit(lab, 9)).rejects.toMatchObject({
    code: 'lab/too-few-inotify-instances',
    message: expect.stringContaining('9 hosts need fs.inotify.max_user_instances=') as string,
  });
});
