import { randomBytes, randomInt } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOutMirror, planMirror } from '#postpivot/pristine/mirrorTree.ts';
import { canShareBlocks, copyInto, freeBytes, usedBytes } from '#system/fileTrees.ts';
import { localHost as host } from '#system/localHost.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp('/var/tmp/sower-test-');
});
afterEach(() => rm(folder, { recursive: true }));

/** Everything that a copy has to keep, by path: owner, mode, capabilities, and content or target. */
async function describeTree(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (path: string): Promise<void> => {
    for (const name of (await readdir(path)).sort()) {
      const at = join(path, name);
      const stats = await lstat(at);
      const common = `${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`;
      if (stats.isSymbolicLink()) found[at.slice(root.length)] = `${common} -> ${await readlink(at)}`;
      else if (stats.isFile()) {
        const capabilities = (await host.run(['getcap', at])).stdout.replace(at, '').trim();
        const content = (await readFile(at)).toString('base64');
        found[at.slice(root.length)] = `${common} ${stats.mtimeMs} ${capabilities} ${content}`;
      } else found[at.slice(root.length)] = common;
      if (stats.isDirectory()) await visit(at);
    }
  };
  await visit(root);
  return found;
}

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'a b/deep'), { recursive: true });
  await mkdir(join(root, 'closed'), { mode: 0o700 });
  await chown(join(root, 'closed'), 12, 34);
  for (const path of ['a b/plain', "a b/deep/it's \n odd", 'closed/secret', 'program']) {
    await writeFile(join(root, path), randomBytes(randomInt(1, 9000)), { mode: 0o600 });
    await chown(join(root, path), randomInt(1, 100), randomInt(1, 100));
  }
  await host.run(['setcap', 'cap_net_raw=ep', join(root, 'program')]);
  await symlink('../closed/secret', join(root, 'a b/link'));
  await symlink('nowhere', join(root, 'dangling'));
}

describe('a tree and its copy', () => {
  test('a tree that was changed in every way is as its copy again', async () => {
    const [live, kept] = [join(folder, 'live'), join(folder, 'kept')];
    await makeTree(live);
    const before = await describeTree(live);
    await mkdir(kept);
    await copyInto(
      host,
      (await readdir(live)).map((name) => join(live, name)),
      kept,
    );
    expect(await describeTree(kept)).toEqual(before);

    const same = (await readFile(join(live, 'a b/plain'))).map((byte) => byte ^ 1);
    await writeFile(join(live, 'a b/plain'), same); // of the same size
    await host.run(['setcap', '-r', join(live, 'program')]);
    await writeFile(join(live, 'program'), 'shorter');
    await chmod(join(live, "a b/deep/it's \n odd"), 0o755);
    await rm(join(live, 'closed'), { recursive: true });
    await writeFile(join(live, 'closed'), 'a file where a directory was');
    await rm(join(live, 'a b/link'));
    await symlink('elsewhere', join(live, 'a b/link'));
    await rm(join(live, 'dangling'));
    await mkdir(join(live, 'dangling/new'), { recursive: true });
    await chmod(join(live, 'a b'), 0o700);
    await writeFile(join(live, 'a b/deep/new'), 'new');
    expect(await describeTree(live)).not.toEqual(before);

    const tree = { live, copy: kept, except: [] };
    await carryOutMirror(host, await planMirror(host, tree, new Set()));
    expect(await describeTree(live)).toEqual(before);
    const again = await planMirror(host, tree, new Set());
    expect(Object.values(again).flat()).toEqual([]);
  });

  test('the space that is needed and that there is are known beforehand', async () => {
    await writeFile(join(folder, 'a'), randomBytes(300_000));
    const used = await usedBytes(host, [join(folder, 'a')]);
    expect(used).toBeGreaterThanOrEqual(300_000);
    expect(used).toBeLessThan(400_000);
    expect(await freeBytes(host, folder)).toBeGreaterThan(1024 ** 2);
  });

  test('blocks are shared where the file system can do that', async () => {
    const [disk, mounted] = [join(folder, 'disk.img'), join(folder, 'mounted')];
    await host.run(['truncate', '--size=400M', disk]);
    await host.run(['mkfs.xfs', '-q', disk]);
    await mkdir(mounted);
    await host.run(['mount', '-o', 'loop', disk, mounted]);
    try {
      await mkdir(join(mounted, 'copies'));
      await writeFile(join(mounted, 'large'), randomBytes(32 * 1024 * 1024));
      expect(await canShareBlocks(host, join(mounted, 'large'), mounted)).toBe(true);
      const free = await freeBytes(host, mounted);
      await copyInto(host, [join(mounted, 'large')], join(mounted, 'copies'));
      expect(free - (await freeBytes(host, mounted))).toBeLessThan(4 * 1024 * 1024);
      // From one file system to another there is nothing to share.
      expect(await canShareBlocks(host, join(mounted, 'large'), folder)).toBe(false);
      expect(await readdir(folder)).not.toContain('.reflink-probe');
    } finally {
      await host.run(['umount', mounted]);
    }
  });
});
