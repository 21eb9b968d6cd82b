import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collectFromSeed, scanClone } from '#lab/secretScanner/command.ts';
import type { LeftOver } from '#lab/secretScanner/scan.ts';
import { newRsaKey, newToken, pemOf, SeededRandom } from '#lab/secretScanner/testing.ts';
import { localHost } from '#system/localHost.ts';
import { rebuildEtcdDataDirectory } from '#system/temporaryEtcd.ts';

const SEED = Number(process.env['SCAN_SEED'] ?? Date.now() % 1_000_000);
const random = new SeededRandom(SEED);
console.info(`SCAN_SEED=${SEED}`);

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'sower-scan-'));
  await mkdir(join(work, 'seed'));
  await mkdir(join(work, 'clone'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

/** Secrets of whatever lies in the seed's tree, looked for in the clone's. */
async function leftOvers(): Promise<readonly LeftOver[]> {
  const out = join(work, `secrets-${random.below(1e9)}.json`);
  await collectFromSeed({ trees: [join(work, 'seed')], external: [], exclude: [], out });
  return scanClone({ secrets: [out], trees: [join(work, 'clone')], exclude: [] }).leftOvers;
}

/** Runs an etcd on the clone's data directory while `fill` writes to it. */
async function withEtcd(fill: (put: Put, etcdctl: Etcdctl) => Promise<void>): Promise<void> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const etcd: ChildProcess = spawn(
    'etcd',
    [
      `--data-dir=${join(work, 'clone', 'etcd')}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      '--listen-peer-urls=http://127.0.0.1:0',
    ],
    { stdio: 'ignore' },
  );
  const etcdctl: Etcdctl = async (...args) => {
    const argv = ['etcdctl', `--endpoints=${endpoint}`, ...args];
    return (await localHost.run(argv, { env: { ETCDCTL_API: '3' } })).stdout;
  };
  const put: Put = async (key, value) =>
    void (await localHost.run(['etcdctl', `--endpoints=${endpoint}`, 'put', key], {
      env: { ETCDCTL_API: '3' },
      input: value,
    }));
  try {
    for (let tries = 0; tries < 200; tries++) {
      if ((await fetch(`${endpoint}/health`).catch(() => undefined))?.ok) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await fill(put, etcdctl);
  } finally {
    etcd.kill('SIGTERM');
    if (etcd.exitCode === null) await once(etcd, 'exit');
  }
}

type Put = (key: string, value: string | Uint8Array) => Promise<void>;
type Etcdctl = (...args: string[]) => Promise<string>;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('a real etcd', () => {
  const key = newRsaKey();
  const objectKey = (): string => `/registry/${random.name()}/${random.name()}/${random.name()}`;

  beforeEach(() => writeFile(join(work, 'seed', 'tls.key'), pemOf(key)));

  test('a key in a live object is named with its revision', async () => {
    const name = objectKey();
    await withEtcd((put) => put(name, `k8s\0${pemOf(key)}`));
    const found = (await leftOvers()).filter((l) => l.path.endsWith('/db'));
    expect(found.map((l) => l.etcdRecord)).toContain(`${name}@2`);
  });

  test('a key in an old revision is found after it was overwritten, deleted and compacted', async () => {
    const [name, filler] = [objectKey(), objectKey()];
    await withEtcd(async (put) => {
      await put(name, `k8s\0${pemOf(key)}`);
      await put(name, 'clean');
      await put(filler, 'other');
    });
    expect((await leftOvers()).map((l) => l.etcdRecord)).toContain(`${name}@2`);

    await withEtcd(async (put, etcdctl) => {
      await etcdctl('del', name);
      await put(filler, 'another');
      await etcdctl('compaction', '--physical', '5');
      expect(await etcdctl('get', '', '--prefix', '--print-value-only')).not.toContain('PRIVATE');
    });
    const after = await leftOvers();
    expect(after.some((l) => l.path.endsWith('.wal'))).toBe(true);
    expect(after.filter((l) => l.path.endsWith('/db')).map((l) => l.etcdRecord)).toContain(
      `${name}@2 (free page)`,
    );
  });

  test('binaryData with gzip in it is seen through', async () => {
    const name = objectKey();
    const binaryData = { [random.name()]: gzipSync(pemOf(key)).toString('base64') };
    await withEtcd((put) => put(name, JSON.stringify({ kind: 'ConfigMap', binaryData })));
    const found = (await leftOvers()).find((l) => l.etcdRecord === `${name}@2` && l.kind === 'private-key');
    expect(found?.encoding).toMatch(/^base64 > gzip/);
  });

  test('a rebuilt data directory holds nothing of what was overwritten', async () => {
    const name = objectKey();
    await withEtcd(async (put) => {
      await put(name, `k8s\0${pemOf(key)}`);
      await put(name, `k8s\0${pemOf(newRsaKey())}`);
    });
    expect(await leftOvers()).not.toEqual([]);
    await rebuildEtcdDataDirectory(localHost, {
      dataDir: join(work, 'clone', 'etcd'),
      name: random.name(),
      peerUrl: 'https://192.0.2.1:2380',
      token: random.name(),
    });
    expect(await leftOvers()).toEqual([]);
  });
});

describe('keys and certificates of real tools', () => {
  test.each(['rsa', 'ecdsa', 'ed25519'])('an SSH host key of type %s, in both of its files', async (type) => {
    const path = join(work, 'seed', `ssh_host_${type}_key`);
    await localHost.run(['ssh-keygen', '-q', '-t', type, '-N', '', '-f', path]);
    await writeFile(join(work, 'clone', 'private'), await readFile(path));
    await writeFile(join(work, 'clone', 'public'), await readFile(`${path}.pub`));
    const found = await leftOvers();
    const of = (name: string) => found.filter((l) => l.path.endsWith(name)).map((l) => l.kind);
    expect(of('private')).toContain('private-key');
    expect(of('public')).toContain('public-key');
    await rm(join(work, 'clone', 'private'));
    await rm(join(work, 'clone', 'public'));
    await localHost.run(['ssh-keygen', '-q', '-t', type, '-N', '', '-f', join(work, 'clone', 'new')]);
    expect(await leftOvers()).toEqual([]);
  });

  test.each([
    ['rsa:2048', []],
    ['ec', ['-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['ed25519', []],
  ])('a certificate and key that openssl made (%s), as PEM and DER', async (algorithm, extra) => {
    const [keyFile, certFile] = [join(work, 'seed', 'k.pem'), join(work, 'seed', 'c.pem')];
    await localHost.run([
      ...[
        'openssl',
        'req',
        '-x509',
        '-newkey',
        algorithm,
        ...extra,
        '-nodes',
        '-subj',
        `/CN=${random.name()}`,
      ],
      ...['-keyout', keyFile, '-out', certFile],
    ]);
    const der = join(work, 'clone', 'der');
    await localHost.run(['openssl', 'x509', '-in', certFile, '-outform', 'DER', '-out', der]);
    expect((await leftOvers()).map((l) => l.kind).sort()).toEqual(['certificate', 'public-key']);
    await localHost.run(['openssl', 'pkey', '-in', keyFile, '-outform', 'DER', '-out', der]);
    expect((await leftOvers()).map((l) => l.kind)).toContain('private-key');
  });

  test('nothing is found in a tree of the same shape with other keys', async () => {
    const tree = (key = newRsaKey()): string =>
      JSON.stringify({
        key: pemOf(key),
        token: newToken(random, key),
        data: { x: random.bytes(99).toString('base64') },
      });
    await writeFile(join(work, 'seed', random.name()), tree());
    await writeFile(join(work, 'clone', random.name()), tree());
    expect(await leftOvers()).toEqual([]);
  });
});
