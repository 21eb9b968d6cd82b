import { expect, test } from 'vitest';
import { qemuCommand, tapName } from './qemuCommand.ts';
import { siteAt } from './site.ts';

const site = siteAt('place', '/state/place');
const argv = (hardware: Partial<Parameters<typeof qemuCommand>[1]> = {}) =>
  qemuCommand(site, { name: 'one', disk: '/d/one.img', ...hardware });
const after = (option: string, words: readonly string[]) =>
  words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));

test('it runs in the network of the site, emulated, without the slow way of copying memory', () => {
  expect(argv().slice(0, 4)).toEqual(['nsenter', '--net=/run/netns/sower-place', '--', 'qemu-system-x86_64']);
  expect(after('-accel', argv())).toEqual(['tcg,thread=multi']);
  expect(after('-cpu', argv())).toEqual(['max,-erms,-fsrm']);
});

test('the disk boots before the disc, which is there only when it is given', () => {
  const devices = after('-device', argv({ iso: '/i.iso' }));
  expect(devices.filter((device) => device.includes('bootindex')).sort()).toEqual([
    'scsi-cd,drive=disc,bus=volumes.0,bootindex=2',
    'virtio-blk-pci,drive=disk,bootindex=1',
  ]);
  expect(argv().join(' ')).not.toContain('scsi-cd');
});

test('commas in paths are meant', () => {
  expect(after('-drive', argv({ disk: '/a,b.img' }))).toEqual([
    'if=none,id=disk,file=/a,,b.img,format=raw,cache=unsafe,discard=unmap',
  ]);
});

test('an interface name fits the kernel, and differs between machines and between sites', () => {
  const long = 'a'.repeat(20);
  const names = [tapName(site, long), tapName(site, `b${long.slice(1)}`), tapName(siteAt('q', '/q'), long)];
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name.length).toBeLessThan(16);
});
