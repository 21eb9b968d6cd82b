import { describe, expect, test } from 'vitest';
import { devicesOn } from './loopDevices.ts';

const loop = (n: number, backingFile: string) => ({ device: `/dev/loop${n}`, backingFile });
const isOurs = (file: string): boolean => file.startsWith('/site/');

describe('devicesOn', () => {
  test('finds devices on devices, also when the mount they were named by is gone, and gives the upper ones first', () => {
    const devices = [
      loop(0, '/site/disk'),
      loop(1, '/dev/loop0'),
      loop(2, '/loop1'),
      loop(3, '/other/disk'),
      loop(4, '/dev/loop3'),
      loop(10, '/dev/loop10x'),
    ];
    expect(devicesOn(devices, isOurs).map((d) => d.device)).toEqual([
      '/dev/loop2',
      '/dev/loop1',
      '/dev/loop0',
    ]);
  });

  test('knows a file that was deleted under its device', () => {
    expect(devicesOn([loop(5, '/site/disk (deleted)')], isOurs)).toHaveLength(1);
  });

  test('does not take loop1 for loop10', () => {
    expect(devicesOn([loop(1, '/site/disk'), loop(11, '/dev/loop10')], isOurs)).toHaveLength(1);
  });
});
