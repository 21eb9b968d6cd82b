import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { openLab } from '../lab.ts';
import { checkCapacity } from './capacity.ts';

const GIB = 1024 ** 3;

function check(count: number, driver: 'nspawn' | 'qemu', free: { memory: number; disk: number }) {
  const meminfo = `MemTotal: 1 kB\nMemAvailable:   ${free.memory / 1024} kB\n`;
  const host = new MemoryHost({ '/proc/meminfo': meminfo }, ([program]) =>
    program === 'df' ? { stdout: `     Avail\n${free.disk}\n` } : {},
  );
  return checkCapacity(openLab(host), count, driver);
}

test('a fleet that fits is not refused', async () => {
  await expect(check(8, 'nspawn', { memory: 12 * GIB, disk: 30 * GIB })).resolves.toBeUndefined();
});

test.each([
  { free: { memory: 4 * GIB, disk: 99 * GIB }, driver: 'nspawn', code: 'lab/too-little-memory', most: 5 },
  { free: { memory: 9 * GIB, disk: 99 * GIB }, driver: 'qemu', code: 'lab/too-little-memory', most: 2 },
  { free: { memory: 99 * GIB, disk: 10 * GIB }, driver: 'nspawn', code: 'lab/too-little-disk', most: 3 },
] as const)('$code says how many there can be', async ({ free, driver, code, most }) => {
  const hint = expect.stringContaining(`make ${most} at the same time`) as string;
  await expect(check(8, driver, free)).rejects.toMatchObject({ code, hint });
  await expect(check(most, driver, free)).resolves.toBeUndefined();
});
