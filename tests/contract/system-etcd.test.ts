import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localHost } from '#system/localHost.ts';
import { rebuildEtcdDataDirectory, startTemporaryEtcd } from '#system/temporaryEtcd.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sower-etcd-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

const etcdctl = (endpoint: string, ...args: string[]) =>
  localHost.run(['etcdctl', `--endpoints=${endpoint}`, ...args], { env: { ETCDCTL_API: '3' } });

/** A member's data directory appears at its first start; the temporary etcd itself refuses an empty directory. */
async function createMember(fill: (endpoint: string) => Promise<void>): Promise<void> {
  const endpoint = 'http://127.0.0.1:39379';
  const program = localHost.start(
    [
      'etcd',
      `--data-dir=${dataDir}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      '--listen-peer-urls=http://127.0.0.1:0',
    ],
    { okCodes: [0, 128] },
  );
  program.stdout.resume();
  program.done.catch(() => {});
  try {
    for (let tries = 0; tries < 100; tries++) {
      const ok = await fetch(`${endpoint}/health`).catch(() => undefined);
      if (ok?.status === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await fill(endpoint);
  } finally {
    program.kill('SIGTERM');
    await program.done.catch(() => {});
  }
}

async function filesBelow(directory: string): Promise<Buffer[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((e) => e.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

test('an empty data directory is refused and left empty', async () => {
  await expect(startTemporaryEtcd(localHost, { dataDir })).rejects.toMatchObject({
    code: 'system/etcd-no-data',
  });
  expect(await readdir(dataDir)).toEqual([]);
});

test('a second etcd on the same directory is a Failure, not a hang', async () => {
  await createMember(async (endpoint) => void (await etcdctl(endpoint, 'put', 'a', '1')));
  const first = await startTemporaryEtcd(localHost, { dataDir });
  try {
    const second = startTemporaryEtcd(localHost, { dataDir, healthTimeoutSeconds: 2 });
    await expect(second).rejects.toMatchObject({ code: 'system/etcd-not-healthy' });
  } finally {
    await first.stop();
  }
});

test('a rebuilt directory holds live keys only, under new member and cluster IDs', async () => {
  const secret = randomBytes(24).toString('hex');
  const kept = randomBytes(24).toString('hex');
  await createMember(async (endpoint) => {
    await etcdctl(endpoint, 'put', 'rotated', secret);
    await etcdctl(endpoint, 'put', 'rotated', 'new value');
    await etcdctl(endpoint, 'put', 'deleted', secret);
    await etcdctl(endpoint, 'del', 'deleted');
    await etcdctl(endpoint, 'put', 'kept', kept);
  });
  const before = await startTemporaryEtcd(localHost, { dataDir });
  const idsBefore = JSON.parse((await etcdctl(before.endpoint, 'member', 'list', '-w', 'json')).stdout);
  await before.stop();
  expect((await filesBelow(dataDir)).some((bytes) => bytes.includes(secret))).toBe(true);

  const name = `node-${randomBytes(3).toString('hex')}`;
  const peerUrl = 'https://192.0.2.17:2380';
  await rebuildEtcdDataDirectory(localHost, {
    dataDir,
    name,
    peerUrl,
    token: randomBytes(8).toString('hex'),
  });

  expect(await readdir(dataDir)).toEqual(['member']);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, 'member'))).mode & 0o777).toBe(0o700);
  expect((await filesBelow(dataDir)).some((bytes) => bytes.includes(secret))).toBe(false);
  const after = await startTemporaryEtcd(localHost, { dataDir });
  try {
    expect((await etcdctl(after.endpoint, 'get', 'kept', '--print-value-only')).stdout.trim()).toBe(kept);
    expect((await etcdctl(after.endpoint, 'get', 'deleted')).stdout).toBe('');
    const idsAfter = JSON.parse((await etcdctl(after.endpoint, 'member', 'list', '-w', 'json')).stdout);
    expect(idsAfter.header.cluster_id).not.toBe(idsBefore.header.cluster_id);
    expect(idsAfter.members).toHaveLength(1);
    expect(idsAfter.members[0].peerURLs).toEqual([peerUrl]);
  } finally {
    await after.stop();
  }
});
