import { expect, test } from 'vitest';
import type { BlockDevice } from '#system/disk.ts';
import { cleanDisk, planDiskCleanup } from './cleanDisk.ts';
import { ibiContext } from './testing.ts';

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
  expect(plan.map((argv) => argv.at(-1))).toEqual(['own', '/dev/sda2', '/dev/sda2', '/dev/sda']);
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
    ['wipefs', '/dev/sda2'],
    ['wipefs', '/dev/sda1'],
    ['wipefs', '/dev/sda'],
  ]);
});

test('a group that another disk belongs to keeps that part', () => {
  const volumes = [
    { path: '/dev/sda', group: 'both' },
    { path: '/dev/sdb', group: 'both' },
  ];
  expect(planDiskCleanup(device('/dev/sda', 'disk'), volumes).map((argv) => [argv[0], argv.at(-1)])).toEqual([
    ['vgchange', 'both'],
    ['pvremove', '/dev/sda'],
    ['wipefs', '/dev/sda'],
  ]);
});

test('a disk that is a member as a whole loses its superblock, and arrays on arrays go from the top', () => {
  const outer = device('/dev/md1', 'raid0');
  const inner = device('/dev/md0', 'raid1', [outer]);
  const plan = planDiskCleanup(device('/dev/sda', 'disk', [inner]), []);
  expect(plan.map((argv) => argv.slice(1).join(' '))).toEqual([
    '--stop /dev/md1',
    '--zero-superblock /dev/md0',
    '--stop /dev/md0',
    '--zero-superblock /dev/sda',
    '--all --force /dev/sda',
  ]);
});

const target = (disk: BlockDevice) => ({
  ...{ disk, sectorSize: 512, method: { kind: 'coreos-installer' } as const },
  ...{ rootMount: '/mnt', containersMount: '/var/lib/containers' },
});

test('volumes that LVM knows by a link are found; what went with its group is not removed again', async () => {
  const logical = device('/dev/mapper/own-lv', 'lvm');
  const disk = device('/dev/sda', 'disk', [device('/dev/sda2', 'part', [logical])]);
  const context = ibiContext({}, {}, (argv) => {
    if (argv[0] === 'pvs') return { stdout: '  /dev/disk/by-id/wwn-1-part2|own\n' };
    if (argv[0] === 'realpath') return { stdout: '/dev/sda2\n' };
    return {};
  });
  await cleanDisk(context, target(disk));
  const changes = context.host.commands.filter(([program]) => program !== 'pvs' && program !== 'realpath');
  expect(changes.map((argv) => [argv[0], argv.at(-1)])).toEqual([
    ['vgremove', 'own'],
    ['pvremove', '/dev/sda2'],
    ['wipefs', '/dev/sda2'],
    ['wipefs', '/dev/sda'],
  ]);
});

test('what can not be taken apart is told, and the rest is done', async () => {
  const told: string[] = [];
  const context = ibiContext({}, {}, (argv) => (argv[0] === 'mdadm' ? { code: 1, stderr: 'busy' } : {}));
  const logger = { log: ({ message }: { message: string }) => void told.push(message) };
  const disk = device('/dev/sda', 'disk', [device('/dev/md0', 'raid1')]);
  await cleanDisk({ ...context, logger }, target(disk));
  expect(told).toEqual([
    expect.stringContaining('mdadm --stop /dev/md0'),
    expect.stringContaining('mdadm --zero-superblock /dev/sda'),
  ]);
  expect(context.host.commands.at(-1)).toEqual(['wipefs', '--all', '--force', '/dev/sda']);
});
