import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { parseRecord, readRecord, writeRecord } from './machineRecord.ts';
import { siteAt } from './site.ts';

const site = siteAt('p', '/state/p');

test('a record is read as it was written, and nobody else may read it', async () => {
  const host = new MemoryHost();
  const record = {
    formatVersion: 1,
    disk: '/d',
    process: { pid: 3, startTicks: '9' },
    attachedFiles: ['/d'],
  } as const;
  await writeRecord(host, site, 'm', record);
  expect(await readRecord(host, site, 'm')).toEqual(record);
  expect((await host.files.facts('/state/p/machines/m/machine.json'))?.mode).toBe(0o600);
  expect(await readRecord(host, site, 'other')).toBeUndefined();
});

test('anything else is refused by its path', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      expect(() => parseRecord(text, '/r')).toThrow(
        expect.objectContaining({ code: 'machines/record-unreadable' }),
      );
    }),
  );
});
