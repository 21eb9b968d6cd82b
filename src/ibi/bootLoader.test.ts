import { expect, test } from 'vitest';
import { patchGrubImages } from './bootLoader.ts';

test("the images lead from the BIOS to the partition, and nothing but GRUB's code is written to the first sector", () => {
  const boot = Buffer.alloc(512, 0x11);
  const core = Buffer.alloc(2048, 0x22);
  const patched = patchGrubImages(boot, core, 2048);
  expect(patched.boot).toHaveLength(440);
  expect(patched.boot.readBigUInt64LE(0x5c)).toBe(2048n);
  expect(patched.boot.subarray(0x66, 0x68).toString('hex')).toBe('9090');
  expect(patched.core.readBigUInt64LE(0x1f4)).toBe(2049n);
  const changed = [...patched.core.keys()].filter((i) => patched.core[i] !== core[i]);
  expect(changed.every((i) => i >= 0x1f4 && i < 0x1fc)).toBe(true);
});
