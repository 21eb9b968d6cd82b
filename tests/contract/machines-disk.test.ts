import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEmptyDisk, formatDisk, mountDisk, unmountDisk } from '#machines/disk.ts';
import { rhcosPartitions } from '#machines/diskLayout.ts';
import {
  attachLoopDevice,
  detachDevicesOf,
  detachLoopDevices,
  devicesOn,
  listLoopDevices,
} from '#machines/loopDevices.ts';
import { mountsBelow } from '#machines/mounts.ts';
import { readPartitionTable } from '#system/disk.ts';
import { localHost as host } from '#system/localHost.ts';

const GIB = 1024 ** 3;
let folder: string;
let disk: string;

const isHere = (file: string): boolean => file.startsWith(`${folder}/`);
const held = async (): Promise<unknown[]> => [
  ...devicesOn(await listLoopDevices(host), isHere),
  ...(await mountsBelow(host, folder)),
];

beforeEach(async () => {
  folder = await mkdtemp('/var/tmp/sower-test-');
  disk = join(folder, 'disk with blank.img');
});
afterEach(async () => {
  const leaked = await held();
  await unmountDisk(host, disk, folder);
  await detachDevicesOf(host, isHere);
  await rm(folder, { recursive: true });
  expect(leaked).toEqual([]);
});

describe('disk images', () => {
  test('have the partitions that were asked for, by name, and take no room before they are filled', async () => {
    await createEmptyDisk(host, disk, 3 * GIB);
    await formatDisk(host, disk, rhcosPartitions(1024));
    const { partitions } = await readPartitionTable(host, disk);
    expect(partitions.map(({ name }) => name)).toEqual(rhcosPartitions(1024).map(({ name }) => name));
    const { size, blocks } = await stat(disk);
    expect(size).toBe(3 * GIB);
    expect(blocks * 512).toBeLessThan(GIB / 4);
  });

  test('are mounted, keep what is written, and are given back whole', async () => {
    await createEmptyDisk(host, disk, 3 * GIB);
    await formatDisk(host, disk, rhcosPartitions(1024));
    const first = await mountDisk(host, disk, folder);
    const paths = [`${first.sysroot}/a`, `${first.sysroot}/boot/b`, `${first.containers}/c`];
    for (const path of paths) await host.files.write(path, path);
    expect(new Set(await mountsBelow(host, folder)).size).toBe(3);
    await unmountDisk(host, disk, folder);
    expect(await held()).toEqual([]);
    await mountDisk(host, disk, folder);
    for (const path of paths) expect(await host.files.readText(path)).toBe(path);
    await unmountDisk(host, disk, folder);
  });

  test('are free when they are unmounted, although an older copy of all mounts lives on', async () => {
    await createEmptyDisk(host, disk, 3 * GIB);
    await formatDisk(host, disk, rhcosPartitions(1024));
    await mountDisk(host, disk, folder);
    // As a container started meanwhile: it has a copy of this mount, and does not use it.
    const copy = host.start(['unshare', '--mount', '--propagation', 'slave', 'cat'], { okCodes: [0] });
    copy.stdin.write('ready');
    await once(copy.stdout, 'data');
    await unmountDisk(host, disk, folder);
    expect(await held()).toEqual([]);
    copy.stdin.end();
    await copy.done;
  });

  test('without the partitions of a system are refused, and nothing of them stays attached', async () => {
    await createEmptyDisk(host, disk, GIB);
    await formatDisk(host, disk, [{ name: 'root', type: 'L', fileSystem: { type: 'ext4' } }]);
    await expect(mountDisk(host, disk, folder)).rejects.toThrow(/boot/);
    expect(await held()).toEqual([]);
  });

  test('are not replaced while something uses them', async () => {
    await createEmptyDisk(host, disk, GIB);
    const device = await attachLoopDevice(host, disk);
    await expect(createEmptyDisk(host, disk, GIB)).rejects.toMatchObject({ code: 'machines/disk-in-use' });
    await detachLoopDevices(host, [{ device, backingFile: disk }]);
    await createEmptyDisk(host, disk, 2 * GIB);
  });
});

describe('loop devices', () => {
  test('that stand on each other are found and detached from the top', async () => {
    await createEmptyDisk(host, disk, GIB);
    const lower = await attachLoopDevice(host, disk);
    const upper = await attachLoopDevice(host, lower, { readOnly: true });
    const found = devicesOn(await listLoopDevices(host), isHere);
    expect(found.map(({ device }) => device)).toEqual([upper, lower]);
    await detachDevicesOf(host, isHere);
    expect(await held()).toEqual([]);
  });
});
