import { expect, test } from 'vitest';
import type { RecertConfig } from '#api/recertConfig.ts';
import { collectSecrets } from '#lab/secretScanner/collect.ts';
import type { Place } from '#lab/secretScanner/places.ts';
import { scanPlaces } from '#lab/secretScanner/scan.ts';
import { runRecert } from '#recert/run.ts';
import { MemoryEtcd, type TestCluster, testMeans } from '#recert/testing.ts';
import { MemoryHost } from '#system/testing.ts';
import { scatteredCluster } from './scatteredCluster.ts';

/** Repeat a failed run with its seed: `SCATTER_SEED=123 npx vitest run tests/contract/recert-scattered.test.ts`. */
const SEED = Number(process.env['SCATTER_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 12;
console.info(`SCATTER_SEED=${SEED}`);

const configFor = (cluster: TestCluster): RecertConfig => ({
  etcd_endpoint: 'memory',
  crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'],
  cluster_customization_dirs: ['/etc/kubernetes'],
  cluster_rename: 'two:other.net:two-id',
  hostname: 'node.two',
  ip: '10.0.0.2',
  cn_san_replace_rules: [`system:node:${cluster.host},system:node:node.two`],
  extend_expiration: true,
});

/** Every value of etcd and every file, as bytes, for the scanner that shares no code with recert. */
function placesOf(etcd: MemoryEtcd, host: MemoryHost): Place[] {
  const values = [...etcd.keys.values()].map(({ key, value }) => ({ path: key, bytes: value, offset: 0 }));
  const files = Object.entries(host.files.tree()).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
    offset: 0,
  }));
  return [...values, ...files];
}

test.each(Array.from({ length: ROUNDS }, (_, round) => SEED + round))(
  'nothing of a random cluster is left, wherever and however it was stored (seed %i)',
  async (seed) => {
    const cluster = scatteredCluster(seed);
    const [etcd, host] = [new MemoryEtcd(cluster.objects), new MemoryHost(cluster.files)];
    const old = collectSecrets(placesOf(etcd, host), [Buffer.from(cluster.foreign)]);
    expect(old.length).toBeGreaterThanOrEqual(cluster.old.length / 2);
    expect(scanPlaces(placesOf(etcd, host), old).leftOvers.length).toBeGreaterThan(old.length / 2);
    await runRecert(configFor(cluster), testMeans(host, etcd));
    expect(scanPlaces(placesOf(etcd, host), old).leftOvers).toEqual([]);
  },
);
