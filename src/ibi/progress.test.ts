import { expect, test } from 'vitest';
import { progressLog, renderBytes } from './progress.ts';

const MIB = 1024 ** 2;

function recorded(total: number) {
  const records: { message: string; fields?: unknown }[] = [];
  let seconds = 0;
  const report = progressLog(
    { logger: { log: (record) => void records.push(record) }, clock: () => seconds },
    { what: 'seed image', unit: 'bytes', total },
  );
  const wait = (more: number): void => {
    seconds += more;
  };
  return { records, report, wait };
}

test('a line each five seconds, with percent and bytes, and exactly one at the end', () => {
  const { records, report, wait } = recorded(200 * MIB);
  for (let done = 0; done <= 200; done += 10) {
    report(done * MIB);
    wait(2);
  }
  report(200 * MIB);
  expect(records.map(({ message }) => message)).toEqual([
    'seed image: 15 %, 30.0 MiB of 200 MiB',
    'seed image: 30 %, 60.0 MiB of 200 MiB',
    'seed image: 45 %, 90.0 MiB of 200 MiB',
    'seed image: 60 %, 120 MiB of 200 MiB',
    'seed image: 75 %, 150 MiB of 200 MiB',
    'seed image: 90 %, 180 MiB of 200 MiB',
    'seed image: 100 %, 200 MiB of 200 MiB',
  ]);
  expect(records.at(-1)?.fields).toEqual({
    ...{ progress: 'seed image', percent: 100, unit: 'bytes' },
    ...{ done: 200 * MIB, total: 200 * MIB },
  });
});

test('nothing to do is all done', () => {
  const { records, report } = recorded(0);
  report(0);
  expect(records[0]?.message).toBe('seed image: 100 %, 0 KiB of 0 KiB');
});

test('small amounts are not nothing', () => expect(renderBytes(10)).toBe('1 KiB'));
