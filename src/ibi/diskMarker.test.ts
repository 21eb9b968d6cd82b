import { expect, test } from 'vitest';
import { inputDigest, markerOf, markFinished, readDiskState } from './diskMarker.ts';
import { ibiContext } from './testing.ts';

const context = (config = {}, id = '') => ibiContext(config, {}, () => ({ stdout: `${id}\n` }));

test('the marker is a version 8 UUID, and other inputs have another', () => {
  const input = inputDigest(context(), 'sha256:1');
  expect(markerOf(input)).toMatch(/^736f7765-7200-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  const others = [
    inputDigest(context(), 'sha256:2'),
    inputDigest(context({ seedVersion: '4.20.0' }), 'sha256:1'),
  ];
  for (const other of others) expect(markerOf(other)).not.toBe(markerOf(input));
  expect(inputDigest(context(), 'sha256:1')).toBe(input);
});

test('a disk says whose unfinished installation it holds', async () => {
  const input = inputDigest(context(), 'sha256:1');
  const state = (id: string) => readDiskState(context({}, id).host, '/dev/sda', input);
  expect(await state('')).toBe('no-installation');
  expect(await state('0FC63DAF-8483-4772-8E79-3D69D8477DE4')).toBe('no-installation');
  expect(await state(markerOf(input).toUpperCase())).toBe('same-unfinished');
  expect(await state(markerOf(inputDigest(context(), 'sha256:2')))).toBe('other-unfinished');
});

test('a finished disk has an ordinary GUID', async () => {
  const finished = context();
  await markFinished(finished, '/dev/sda');
  const id = finished.host.commands.at(-1)!.at(-1);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
