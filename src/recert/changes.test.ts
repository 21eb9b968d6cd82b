import { describe, expect, it } from 'vitest';
import type { RecertConfig } from '#api/recertConfig.ts';
import { MemoryHost } from '#system/testing.ts';
import type { Change } from './changes.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, type TestCluster, testMeans } from './testing.ts';

const configFor = (cluster: TestCluster): RecertConfig => ({
  etcd_endpoint: 'memory',
  crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'],
  cluster_customization_dirs: ['/etc/kubernetes'],
  cluster_rename: 'two:other.net:two-id',
  hostname: 'node.two',
  cn_san_replace_rules: [`${cluster.host}:node.two`],
});

const digestPattern = /^[0-9a-f]{64}$/;

describe('the report of a dry run', () => {
  it('names every object and file that a run writes, and no other, and touches nothing', async () => {
    const cluster = makeCluster();
    const etcd = new MemoryEtcd(cluster.objects);
    const host = new MemoryHost(cluster.files);
    const keysBefore = [...etcd.keys.values()];
    const { changes } = await runRecert({ ...configFor(cluster), dry_run: true }, testMeans(host, etcd));
    expect([...etcd.keys.values()]).toEqual(keysBefore);
    expect(host.files.tree()).toEqual(cluster.files);

    await runRecert(configFor(cluster), testMeans(host, etcd));
    const written = [
      ...keysBefore
        .filter(({ key, value }) => !etcd.keys.get(key)?.value.equals(value))
        .map(({ key }) => key),
      ...Object.keys(cluster.files).filter((path) => host.files.tree()[path] !== cluster.files[path]),
    ];
    expect([...new Set(changes!.map(({ target }) => target))].sort()).toEqual(written.sort());
  });

  it('gives rule, field and fingerprints, and none of the values', async () => {
    const cluster = makeCluster();
    const host = new MemoryHost(cluster.files);
    const config = { ...configFor(cluster), dry_run: true, report_file: '/var/tmp/report.json' };
    const { changes } = await runRecert(config, testMeans(host, new MemoryEtcd(cluster.objects)));
    for (const { rule, old, new: fresh } of changes!) {
      expect(rule).not.toBe('');
      for (const value of [old, fresh]) if (value !== null) expect(value).toMatch(digestPattern);
    }
    const rules = new Set(changes!.map(({ rule }) => rule));
    for (const rule of ['renew-certificate', 'renew-key', 'resign-token']) expect(rules).toContain(rule);
    const text = await host.files.readText('/var/tmp/report.json');
    expect((JSON.parse(text) as { changes: Change[] }).changes).toHaveLength(changes!.length);
    expect((await host.files.facts('/var/tmp/report.json'))?.mode).toBe(0o600);
    for (const old of cluster.old) for (const line of secretLines(old)) expect(text).not.toContain(line);
  });
});

const secretLines = (text: string): string[] => text.split('\n').filter((line) => line.length > 40);
