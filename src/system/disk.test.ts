import { expect, test } from 'vitest';
import { parseLsblk, parseSfdiskJson } from './disk.ts';

test('lsblk: children are kept, absent mount points dropped, numbers may be text', () => {
  const child = {
    path: '/dev/md0',
    type: 'raid1',
    'maj:min': '9:0',
    size: '10',
    ro: true,
    mountpoints: ['/x', null],
  };
  const disk = {
    path: '/dev/sda',
    type: 'disk',
    'maj:min': '  8:0  ',
    size: 20,
    ro: false,
    mountpoints: [null],
    children: [child],
  };
  expect(parseLsblk(JSON.stringify({ blockdevices: [disk] }))).toEqual([
    {
      ...{ path: '/dev/sda', type: 'disk', device: '8:0', sizeBytes: 20, readOnly: false, mountPoints: [] },
      children: [
        {
          path: '/dev/md0',
          type: 'raid1',
          device: '9:0',
          sizeBytes: 10,
          readOnly: true,
          mountPoints: ['/x'],
          children: [],
        },
      ],
    },
  ]);
});

test('sfdisk: partitions without a name, tables without a sector size', () => {
  const json = JSON.stringify({ partitiontable: { partitions: [{ node: '/dev/sda1', start: 1, size: 2 }] } });
  expect(parseSfdiskJson(json)).toEqual({
    sectorSize: 512,
    partitions: [{ node: '/dev/sda1', name: '', start: 1, size: 2 }],
  });
});
