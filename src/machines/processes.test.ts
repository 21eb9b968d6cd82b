import { describe, expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { findMarkedProcesses, isAlive, ownLineage, SITE_MARK } from './processes.ts';

interface Stat {
  readonly pid: number;
  readonly parent?: number;
  readonly command?: string;
  readonly state?: string;
  readonly startTicks?: string;
}

function statLine({ pid, parent = 1, command = 'x', state = 'S', startTicks = '7' }: Stat): string {
  const between = Array.from({ length: 17 }, (_, i) => String(i));
  return `${[pid, `(${command})`, state, parent, ...between, startTicks, 0, 0].join(' ')}\n`;
}

describe('isAlive', () => {
  const host = new MemoryHost({
    '/proc/20/stat': statLine({ pid: 20, startTicks: '500' }),
    '/proc/21/stat': statLine({ pid: 21, startTicks: '500', state: 'Z' }),
  });

  test('knows the process by its start, so that a later one with its number is another', async () => {
    expect(await isAlive(host, { pid: 20, startTicks: '500' })).toBe(true);
    expect(await isAlive(host, { pid: 20, startTicks: '499' })).toBe(false);
  });

  test('takes neither a zombie nor a missing process for alive', async () => {
    expect(await isAlive(host, { pid: 21, startTicks: '500' })).toBe(false);
    expect(await isAlive(host, { pid: 22, startTicks: '500' })).toBe(false);
  });
});

test('finds the processes that bear the mark of exactly this site', async () => {
  const host = new MemoryHost({
    '/proc/30/stat': statLine({ pid: 30 }),
    '/proc/30/environ': `A=1\0${SITE_MARK}=one\0B=2\0`,
    '/proc/31/stat': statLine({ pid: 31 }),
    '/proc/31/environ': `${SITE_MARK}=one-more\0`,
    '/proc/32/stat': statLine({ pid: 32 }),
    '/proc/32/environ': `X${SITE_MARK}=one\0`,
    '/proc/33/stat': statLine({ pid: 33, state: 'Z' }),
    '/proc/33/environ': `${SITE_MARK}=one\0`,
    '/proc/34/stat': statLine({ pid: 34 }),
    '/proc/uptime': '1 1\n',
  });
  expect(await findMarkedProcesses(host, 'one')).toEqual([30]);
});

test('the own lineage goes up to the first process', async () => {
  const host = new MemoryHost({
    '/proc/1/stat': statLine({ pid: 1, parent: 0 }),
    '/proc/40/stat': statLine({ pid: 40, parent: 1 }),
    '/proc/41/stat': statLine({ pid: 41, parent: 40 }),
    '/proc/42/stat': statLine({ pid: 42, parent: 40 }),
  });
  await host.files.symlink('41', '/proc/self');
  expect(await ownLineage(host)).toEqual([41, 40, 1]);
});
