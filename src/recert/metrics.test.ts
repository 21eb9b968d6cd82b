import { describe, expect, it } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { renderMetrics } from './metrics.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, testMeans } from './testing.ts';

const config = {
  etcd_endpoint: 'memory',
  crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'],
  extend_expiration: true,
  metrics_file: '/var/tmp/recert.prom',
};

/** Samples by name and labels; every line is one, or describes one. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n');
  expect(lines.slice(-2)).toEqual(['# EOF', '']);
  const found = new Map<string, number>();
  for (const line of lines.slice(0, -2)) {
    if (/^# (TYPE|UNIT|HELP) /.test(line)) continue;
    const [, name, value] = /^(\w+(?:\{\w+="\w+"\})?) (\d+(?:\.\d+)?)$/.exec(line) ?? [];
    expect(name, line).toBeDefined();
    found.set(name!, Number(value));
  }
  return found;
}

describe('the metrics file', () => {
  it('tells of a run that went well, and no secrets', async () => {
    const cluster = makeCluster();
    const host = new MemoryHost(cluster.files);
    await runRecert(config, testMeans(host, new MemoryEtcd(cluster.objects)));
    const found = samples(await host.files.readText(config.metrics_file));
    expect(found.get('recert_success')).toBe(1);
    expect(found.get('recert_leftovers')).toBe(0);
    expect(found.get('recert_found{kind="etcd_keys"}')).toBe(cluster.objects.size);
    expect(found.get('recert_found{kind="private_keys"}')).toBeGreaterThan(1);
    expect(found.get('recert_written{kind="puts"}')).toBeGreaterThan(1);
    for (const stage of ['scan', 'rsa', 'processing', 'postprocessing', 'commit', 'prove'])
      expect(found.has(`recert_stage_seconds{stage="${stage}"}`)).toBe(true);
    expect(found.get('recert_end_timestamp_seconds')).toBe(Date.parse('2026-06-01T00:00:00Z') / 1000);
  });

  it('tells of one that failed', async () => {
    const host = new MemoryHost(makeCluster().files);
    await expect(runRecert(config, testMeans(host, new MemoryEtcd()))).rejects.toThrow('No keys found');
    expect(samples(await host.files.readText(config.metrics_file)).get('recert_success')).toBe(0);
  });

  it('has one family for each name', () => {
    const text = renderMetrics({
      seconds: { scan: 0.25 },
      found: { tokens: 3 },
      written: {},
      isSuccess: true,
      endedAt: 12,
    });
    expect(samples(text).get('recert_stage_seconds{stage="scan"}')).toBe(0.25);
    const types = [...text.matchAll(/# TYPE (\w+) gauge/g)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
  });
});
