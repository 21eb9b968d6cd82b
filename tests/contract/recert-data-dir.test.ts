import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCluster, type TestCluster } from '#recert/testing.ts';
import { RecertNode } from './recertNode.ts';

let cluster: TestCluster;
let node: RecertNode;

beforeEach(async () => {
  cluster = makeCluster();
  node = new RecertNode(cluster);
  await node.fill();
});

afterEach(() => node.remove());

/** Reads etcd's files with its own eyes: old PEM lines as they lie in the values. */
function oldLinesInData(): string[] {
  const lines = cluster.old.map((old) => old.split('\n')[2] ?? old);
  const entries = readdirSync(node.dataDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const text = readFileSync(path, 'latin1');
      return lines.some((line) => text.includes(line));
    });
}

describe('recert on a data directory', () => {
  it('is proved against an inventory of before, in etcd, in files and in raw bytes', async () => {
    const inspected = await node.run(node.writeConfig(), ['inspect', '-o', 'json']);
    expect([inspected.code, inspected.stderr]).toEqual([0, '']);
    const inventory = join(node.work, 'seed.json');
    writeFileSync(inventory, inspected.stdout);
    const prove = ['prove', '--against', inventory, '--raw-dir', node.dataDir];
    const before = await node.run(node.writeConfig(), prove);
    expect(before.code).toBe(1);
    expect(before.stderr).toMatch(/old material is left: .* in etcd \//);

    const plain = await node.run(node.writeConfig());
    expect([plain.code, plain.stderr]).toEqual([0, '']);
    // What is gone from the keys is still in the log and the free pages.
    expect(oldLinesInData()).not.toEqual([]);
    const raw = await node.run(node.writeConfig(), prove);
    expect(raw.code).toBe(1);
    expect(raw.stderr).toContain(node.dataDir);

    const rebuilt = await node.run(
      node.writeConfig({ etcd_rebuild: true, cluster_rename: 'three:third.net' }),
    );
    expect([rebuilt.code, rebuilt.stderr]).toEqual([0, '']);
    expect(oldLinesInData()).toEqual([]);
    const after = await node.run(node.writeConfig(), prove);
    expect([after.code, after.stderr]).toEqual([0, '']);
    expect(after.stdout).toMatch(/Proved: none of \d+ keys/);
  });

  it('is rolled back after being killed, to the byte', async () => {
    const before = await node.state();
    for (const milliseconds of [0, 40]) {
      const config = node.writeConfig();
      await node.runAndKill(config, milliseconds);
      if (!existsSync(node.journal)) break; // it was faster than the kill
      const undone = await node.run(config, ['--rollback']);
      expect([undone.code, undone.stderr]).toEqual([0, '']);
      expect(existsSync(node.journal)).toBe(false);
      expect(await node.state()).toEqual(before);
    }
  });

  it('is finished after being killed while the data directory is made anew', async () => {
    const config = node.writeConfig({ etcd_rebuild: true });
    for (const milliseconds of [300]) {
      await node.runAndKill(config, milliseconds);
      const finished = await node.run(config);
      expect([finished.code, finished.stderr]).toEqual([0, '']);
      expect(existsSync(node.journal)).toBe(false);
      expect(oldLinesInData()).toEqual([]);
    }
  });

  it('logs one JSON object a line where asked', async () => {
    const { code, stdout } = await node.run(node.writeConfig(), [], { RECERT_LOG_FORMAT: 'json' });
    expect(code).toBe(0);
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.at(-1)).toMatchObject({ level: 'info', stage: 'commit', message: 'All done' });
    expect(new Set(entries.map(({ stage }) => stage)).size).toBeGreaterThan(4);
  });

  it('is refused together with an endpoint, and a rebuild without a directory', async () => {
    const both = await node.run(
      node.writeConfig({ etcd_endpoint: 'localhost:1', etcd_data_dir: node.dataDir }),
    );
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('etcd_data_dir')]);
    const { code, stderr } = await node.run(node.writeConfig({ etcd_data_dir: '', etcd_rebuild: true }));
    expect([code, stderr]).toEqual([1, expect.stringContaining('etcd_rebuild: needs etcd_data_dir')]);
  });
});
