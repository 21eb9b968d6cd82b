import { expect, test } from 'vitest';
import { parseMountPoints, unmountBelow } from './mounts.ts';
import { MemoryHost } from './testing.ts';

const MOUNTINFO = `22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 7:1 / /mnt rw shared:1 - ext4 /dev/loop1 rw
31 30 7:2 / /mnt/boot rw - ext4 /dev/loop2 rw
32 22 7:3 / /mnt\\0402 rw - xfs /dev/loop3 rw
`;

test('reads optional fields and decodes names', () => {
  expect(parseMountPoints(MOUNTINFO).at(-1)).toMatchObject({
    source: '/dev/loop3',
    target: '/mnt 2',
    device: '7:3',
  });
});

test('unmounts from the inside out, and no neighbour', async () => {
  const host = new MemoryHost({ '/proc/self/mountinfo': MOUNTINFO });
  await unmountBelow(host, ['/mnt']);
  expect(host.commands).toEqual([
    ['umount', '/mnt/boot'],
    ['umount', '/mnt'],
  ]);
});
