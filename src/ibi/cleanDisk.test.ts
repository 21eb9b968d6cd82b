import { expect, test } from 'vitest';
import type { BlockDevice } from '#system/disk.ts';
import { planDiskCleanup } from './cleanDisk.ts';

const device = (path: string, type: string, children: readonly BlockDevice[] = []): BlockDevice => ({
  path,
  type,
  device: '8:0',
  sizeBytes: 1,
  readOnly: false,
  mountPoints: [],
  children,
});

test('an empty disk only loses its signatures', () => {
  expect(planDiskCleanup(device('/dev/sda', 'disk'), [])).toEqual([
    ['wipefs', '--all', '--force', '/dev/sda'],
  ]);
});

test('only volumes of this very disk are taken apart', () => {
  const disk = device('/dev/sda', 'disk', [device('/dev/sda2', 'part')]);
  const volumes = [
    { path: '/dev/sda2', group: 'own' },
    { path: '/dev/sdaa2', group: 'foreign' },
  ];
  const plan = planDiskCleanup(disk, volumes);
  expect(plan.map((argv) => argv.at(-1))).toEqual(['own', '/dev/sda2', '/dev/sda']);
});

test('thin pools go after what stands on them, arrays after all volumes', () => {
  const pool = device('/dev/mapper/vg-pool_tdata', 'lvm', [device('/dev/mapper/vg-thin', 'lvm')]);
  const array = device('/dev/md0', 'raid1', [pool]);
  const disk = device('/dev/sda', 'disk', [
    device('/dev/sda1', 'part', [array]),
    device('/dev/sda2', 'part', [array]),
  ]);
  expect(planDiskCleanup(disk, []).map((argv) => [argv[0], argv.at(-1)])).toEqual([
    ['dmsetup', '/dev/mapper/vg-thin'],
    ['dmsetup', '/dev/mapper/vg-pool_tdata'],
    ['mdadm', '/dev/md0'],
    ['mdadm', '/dev/sda1'],
    ['mdadm', '/dev/sda2'],
    ['wipefs', '/dev/sda'],
  ]);
});
