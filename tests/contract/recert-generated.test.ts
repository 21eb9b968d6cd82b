import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectSecrets } from '#lab/secretScanner/collect.ts';
import type { Place } from '#lab/secretScanner/places.ts';
import { scanPlaces } from '#lab/secretScanner/scan.ts';
import { runRecert } from '#recert/run.ts';
import { MemoryEtcd, testMeans } from '#recert/testing.ts';
import { MemoryHost } from '#system/testing.ts';
import { cloneOf, generateCluster } from './fixtureCluster.ts';
import { openSealed } from './sealedValues.ts';

/** Fewer signers and certificates than by default: making their keys takes the time. */
const SMALL = ['--cas', '2', '--leaves', '7'];
const HARD = ['--p384', '--unknown-fields', '--dup-key', '--bundles', '20', '--bundle-certs', '40'];
const TRUST_BUNDLE = '/kubernetes.io/configmaps/openshift-config-managed/trusted-ca-bundle';
const UNKNOWN = 'future-top-level-field';

interface World {
  readonly values: Map<string, Buffer>;
  readonly files: Record<string, string>;
}

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'recert-generated-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Everything as bytes that anybody with the keys at hand can read. */
function placesOf({ values, files }: World): Place[] {
  const opened = openSealed(values, Object.values(files));
  return [
    ...[...opened].map(([path, bytes]) => ({ path, bytes, offset: 0 })),
    ...Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text), offset: 0 })),
  ];
}

const valuesOf = (etcd: MemoryEtcd): Map<string, Buffer> =>
  new Map([...etcd.keys.values()].map(({ key, value }) => [key, value]));

const holding = (places: readonly Place[], bytes: Buffer | string): string[] =>
  places.filter((place) => place.bytes.includes(bytes)).map(({ path }) => path);

describe.each([
  ['with P-384, unknown fields, a key in two certificates and public bundles', HARD],
  ['encrypted with AES-CBC', ['--encrypt', 'aescbc']],
  ['encrypted with AES-GCM', ['--encrypt', 'aesgcm']],
])('a generated cluster %s', (_what, args) => {
  let before: World;
  let after: World;
  beforeAll(async () => {
    const { objects, files } = await generateCluster(join(work, args.join('')), [...SMALL, ...args]);
    const [etcd, host] = [new MemoryEtcd(objects), new MemoryHost(files)];
    before = { values: valuesOf(etcd), files };
    await runRecert(
      cloneOf((path) => `/${path}`),
      testMeans(host, etcd),
    );
    after = { values: valuesOf(etcd), files: host.files.tree() };
  });

  test('keeps no key, certificate or token but those of others', () => {
    const external = placesOf(before).find(({ path }) => path === TRUST_BUNDLE)!;
    const old = collectSecrets(placesOf(before), [external.bytes]);
    expect(new Set(old.map(({ kind }) => kind))).toEqual(
      new Set(['private-key', 'public-key', 'certificate', 'token']),
    );
    expect(scanPlaces(placesOf(after), old).leftOvers).toEqual([]);
    const foreign = collectSecrets([external]);
    expect(scanPlaces(placesOf(after), foreign).leftOvers.map(({ path }) => path)).toContain(TRUST_BUNDLE);
  });

  test('keeps fields that no schema of ours has', () => {
    const kept = holding(placesOf(after), UNKNOWN);
    const gone = new Set([...before.values.keys()].filter((key) => !after.values.has(key)));
    const had = holding(placesOf(before), UNKNOWN).filter((key) => !gone.has(key));
    expect(had.length > 0).toBe(args === HARD);
    expect(kept).toEqual(expect.arrayContaining(had));
  });

  test('is encrypted as before, with keys of its own', () => {
    const sealed = ({ values }: World) =>
      [...values].filter(([, value]) => value.subarray(0, 8).equals(Buffer.from('k8s:enc:')));
    const secrets = (places: readonly Place[]): string[] =>
      places
        .flatMap(({ bytes }) => [...bytes.toString('latin1').matchAll(/"secret":"([^"]{44})"/g)])
        .map(([, key]) => key!);
    expect(sealed(before).length > 0).toBe(args.includes('--encrypt'));
    const kinds = (world: World) => new Set(sealed(world).map(([key]) => key.split('/')[2]));
    expect(kinds(after)).toEqual(kinds(before));
    for (const key of new Set(secrets(placesOf(before)))) {
      expect(holding(placesOf(after), key)).toEqual([]);
      expect(holding(placesOf(after), Buffer.from(key, 'base64'))).toEqual([]);
    }
  });
});
