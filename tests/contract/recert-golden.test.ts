import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecertConfig, type RecertConfig } from '#api/recertConfig.ts';
import { runRecert } from '#recert/run.ts';
import { MemoryEtcd, testMeans } from '#recert/testing.ts';
import { MemoryHost } from '#system/testing.ts';
import { maskCrypto } from './golden/cryptoMask.ts';
import { type Difference, findComplaints, type Places } from './golden/differences.ts';
import { readStoredValue, type Schema } from './golden/storedValue.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/recert');
const ROWS = join(import.meta.dirname, 'recert-golden-differences.json');
const RECORDED_AT = new Date('2026-11-20T09:17:42Z');

interface Recording<T> {
  readonly etcd: Readonly<Record<string, T>>;
  readonly files: Readonly<Record<string, string>>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const fixture = <T>(name: string): T => readJson<T>(join(FIXTURES, name));

function placesOf({ etcd, files }: Recording<unknown>): Map<string, string> {
  const places = new Map<string, string>();
  const visit = (value: unknown, at: string): void => {
    if (typeof value === 'string') places.set(at, maskCrypto(value));
    else if (typeof value !== 'object' || value === null) places.set(at, String(value));
    else
      for (const [name, member] of Object.entries(value))
        visit(member, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  };
  for (const [key, value] of Object.entries(etcd)) visit(value, `${key}:`);
  for (const [path, text] of Object.entries(files)) places.set(path, maskCrypto(text));
  return places;
}

/** The recorded run's configuration, without the summaries, which are no part of the cluster. */
function recordedConfig(): RecertConfig {
  const read = parseRecertConfig(readFileSync(join(FIXTURES, 'golden-config.yaml'), 'utf8'));
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  const { summary_file: _, summary_file_clean: __, ...config } = read.value;
  return config;
}

async function ourPlaces(): Promise<Places> {
  const before = fixture<Recording<string>>('golden-before.json');
  const schema = fixture<Schema>('golden-schema.json');
  const host = new MemoryHost(before.files);
  await host.files.makeDirectory('/etc/pki');
  const etcd = new MemoryEtcd(
    Object.entries(before.etcd).map(([key, value]) => [key, Buffer.from(value, 'base64')]),
  );
  await runRecert(recordedConfig(), { ...testMeans(host, etcd), now: () => RECORDED_AT });
  const values = [...etcd.keys.values()].map(({ key, value }) => [key, readStoredValue(value, schema)]);
  return placesOf({ etcd: Object.fromEntries(values), files: host.files.tree() });
}

describe('the original’s recorded run of recert', () => {
  it('differs from ours only where that is on record', async () => {
    const theirs = placesOf(fixture<Recording<unknown>>('golden-after.json'));
    const ours = await ourPlaces();
    expect(theirs.size).toBeGreaterThan(700);
    expect(findComplaints(theirs, ours, readJson<Difference[]>(ROWS))).toEqual([]);
  });

  it('would show a difference that is not on record, and a record of none', () => {
    const theirs = new Map([
      ['a', '1'],
      ['b', 'x y'],
      ['c', 'z'],
    ]);
    const ours = new Map([
      ['a', '1'],
      ['b', 'X y'],
    ]);
    const row = (at: string, to: string): Difference => ({ at, edits: [['x', to]], reason: 'r' });
    const places = (rows: Difference[]) =>
      findComplaints(theirs, ours, rows).map((complaint) => complaint.split('\n')[0]);
    expect(places([])).toEqual(['b', 'c']);
    expect(places([row('b', 'X')])).toEqual(['c']);
    expect(places([row('*', 'Y')])).toEqual(['b', 'c']);
    expect(places([row('b', 'X'), row('a', 'X')])).toEqual(['c', 'no difference at a']);
  });
});
