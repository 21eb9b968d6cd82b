import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderRecertConfig } from '#api/recertConfig.ts';
import { renderPemFile } from '#formats/pem.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import { makeCluster, type TestCluster } from '#recert/testing.ts';
import { connectEtcd, type Etcd } from '#system/etcd.ts';
import { freePort, untilAnswered } from './recertNode.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/main.ts');

let work: string;
let server: ChildProcess;
let endpoint: string;
let etcd: Etcd;

beforeEach(async () => {
  work = mkdtempSync(join(tmpdir(), 'recert-test-'));
  const port = await freePort();
  endpoint = `127.0.0.1:${port}`;
  const url = `http://${endpoint}`;
  server = spawn(
    'etcd',
    [
      ...['--data-dir', join(work, 'etcd'), '--listen-peer-urls', 'http://127.0.0.1:0', '--unsafe-no-fsync'],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
    ],
    { stdio: 'ignore' },
  );
  server.on('error', () => {}); // a missing program shows as an etcd that never answers
  etcd = await untilAnswered(() => connectEtcd(endpoint, { timeoutSeconds: 10 }));
});

afterEach(async () => {
  etcd.close();
  if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit');
  rmSync(work, { recursive: true, force: true });
});

const at = (path: string): string => join(work, 'node', path);

const fileNames = (): string[] =>
  readdirSync(join(work, 'node'), { recursive: true, withFileTypes: true }).map(({ name }) => name);

async function setUp(): Promise<{ cluster: TestCluster; config: string }> {
  const cluster = makeCluster();
  for (const [key, value] of cluster.objects) await etcd.transact([], [{ put: key, value }]);
  for (const [path, text] of Object.entries(cluster.files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text, { mode: 0o640 });
  }
  const config = join(work, 'config.json');
  writeFileSync(
    config,
    renderRecertConfig({
      etcd_endpoint: endpoint,
      crypto_dirs: [at('etc/kubernetes'), at('var/lib/kubelet')],
      cluster_customization_dirs: [at('etc/kubernetes')],
      cluster_rename: 'two:other.net',
      hostname: 'node.two',
      ip: '10.0.0.2',
      extend_expiration: true,
      summary_file_clean: join(work, 'summary.yaml'),
      journal_file: join(work, 'journal.json'),
    }),
  );
  return { cluster, config };
}

const startRecert = (config: string): ChildProcess =>
  spawn(process.execPath, [PROGRAM, 'recert'], {
    env: { ...process.env, RECERT_CONFIG: config },
    stdio: ['ignore', 'ignore', 'pipe'],
  });

async function runRecert(config: string): Promise<{ code: number | null; stderr: string }> {
  const child = startRecert(config);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stderr };
}

/** Reads with its own eyes: any old PEM line or token in any value, raw or in base64 once more. */
async function leftovers(cluster: TestCluster): Promise<string[]> {
  const { entries } = await etcd.readAll('/');
  const texts = entries.map(({ key, value }): [string, string] => [key, value.toString('latin1')]);
  for (const path of readdirSync(join(work, 'node'), { recursive: true, withFileTypes: true }))
    if (path.isFile()) {
      const file = join(path.parentPath, path.name);
      texts.push([file, readFileSync(file, 'latin1')]);
    }
  const lines = cluster.old.map((old) => old.split('\n')[2] ?? old);
  return texts.flatMap(([place, text]) => {
    const inside = [...text.matchAll(/[A-Za-z0-9+/]{64,}={0,2}/g)].map(([run]) =>
      Buffer.from(run, 'base64').toString('latin1'),
    );
    const deeper = inside.flatMap((one) =>
      [...one.matchAll(/[A-Za-z0-9+/]{64,}={0,2}/g)].map(([run]) =>
        Buffer.from(run, 'base64').toString('latin1'),
      ),
    );
    return lines.some((line) => [text, ...inside, ...deeper].some((one) => one.includes(line)))
      ? [place]
      : [];
  });
}

describe('etcd client against etcd', () => {
  it('reads more keys than fit on a page, at one revision, in order', async () => {
    const keys = Array.from({ length: 950 }, (_, index) => `/k/${String(index).padStart(4, '0')}`);
    for (let from = 0; from < keys.length; from += 100)
      await etcd.transact(
        [],
        keys.slice(from, from + 100).map((put) => ({ put, value: Buffer.from(put) })),
      );
    const { entries, revision } = await etcd.readAll('/k/');
    expect(entries.map(({ key }) => key)).toEqual(keys);
    expect(entries.every(({ modRevision }) => modRevision <= revision)).toBe(true);
  });

  it('applies a transaction only if its conditions hold, and forgets history on request', async () => {
    expect(
      await etcd.transact([{ key: '/a', modRevision: 0 }], [{ put: '/a', value: Buffer.from('1') }]),
    ).toBe(true);
    expect(
      await etcd.transact([{ key: '/a', modRevision: 0 }], [{ put: '/a', value: Buffer.from('2') }]),
    ).toBe(false);
    expect((await etcd.readAll('/a')).entries[0]?.value.toString()).toBe('1');
    const { revision } = await etcd.status();
    await etcd.compact(revision);
    await etcd.compact(revision);
    await etcd.defragment();
  });

  it('speaks TLS with a client certificate, and is refused without one', async () => {
    const key = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const common = { serial: 5n, now: new Date(Date.now() - 60_000), validitySeconds: 86_400 };
    const signer = issueSigner({ ...common, subject: goName({ commonName: 'ca' }), key: key() });
    const own = key();
    const certificate = issueLeaf({
      ...common,
      subject: goName({ commonName: 'etcd' }),
      key: own,
      issuer: signer,
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
      ipAddresses: ['127.0.0.1'],
    });
    const [ca, cert, pem] = [
      renderPemFile('CERTIFICATE', signer.certificate.der),
      renderPemFile('CERTIFICATE', certificate.der),
      renderPrivateKeyFile(own),
    ];
    for (const [name, text] of Object.entries({ ca, cert, key: pem })) writeFileSync(join(work, name), text);
    const url = `https://127.0.0.1:${await freePort()}`;
    const tls = ['ca', 'cert', 'key'].map(
      (name) => `--${name === 'ca' ? 'trusted-ca' : name}-file=${join(work, name)}`,
    );
    const secured = spawn(
      'etcd',
      [
        ...[
          '--data-dir',
          join(work, 'tls'),
          '--listen-peer-urls',
          'http://127.0.0.1:0',
          '--client-cert-auth',
        ],
        ...['--listen-client-urls', url, '--advertise-client-urls', url, ...tls],
      ],
      { stdio: 'ignore' },
    );
    try {
      (await untilAnswered(() => connectEtcd(url, { tls: { ca, cert, key: pem } }))).close();
      const stranger = connectEtcd(url, { tls: { ca }, timeoutSeconds: 5 });
      await expect(stranger.status()).rejects.toThrow(/no gRPC answer/);
      stranger.close();
    } finally {
      if (secured.kill('SIGKILL')) await once(secured, 'exit');
    }
  });

  it('reads and changes the member', async () => {
    const [member] = await etcd.members();
    await etcd.updateMember(member!.id, ['https://10.1.2.3:2380']);
    expect((await etcd.members())[0]?.peerUrls).toEqual(['https://10.1.2.3:2380']);
  });
});

describe('recert against etcd', () => {
  it('renews and renames a cluster, and says that nothing old is left', async () => {
    const { cluster, config } = await setUp();
    expect(await leftovers(cluster)).not.toEqual([]);
    expect(await runRecert(config)).toEqual({ code: 0, stderr: '' });
    expect(await leftovers(cluster)).toEqual([]);
    expect(readFileSync(join(work, 'summary.yaml'), 'utf8')).toContain('error: null');
    expect(readFileSync(join(work, 'summary.yaml'), 'utf8')).not.toContain('PRIVATE KEY');
    expect(existsSync(join(work, 'journal.json'))).toBe(false);
  });

  it('keeps owner, mode and SELinux label of every file, renamed ones too', async () => {
    const { cluster, config } = await setUp();
    const certificates = 'etc/kubernetes/certs/etcd-all-certs/etcd-peer-';
    const renamed = [`${certificates}${cluster.host}.crt`, `${certificates}node.two.crt`] as const;
    const names = Object.keys(cluster.files).map((path) => path.slice(1));
    for (const [index, name] of names.entries()) {
      execFileSync('chcon', [`system_u:object_r:t${index}_t:s0`, at(name)]);
      chownSync(at(name), 1000 + index, 2000 + index);
    }
    // Group, owner, mode and label, in the order of the names.
    const facts = (paths: readonly string[]) =>
      execFileSync('stat', ['--format=%g %u %a %C', ...paths.map(at)], { encoding: 'utf8' });
    const before = facts(names);
    expect(before).toContain('t1_t');
    expect(await runRecert(config)).toEqual({ code: 0, stderr: '' });
    expect(facts(names.map((name) => (name === renamed[0] ? renamed[1] : name)))).toBe(before);
    expect(fileNames().filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is finished by a second run after being killed at any time', async () => {
    for (let round = 0; round < 4; round++) {
      const { cluster, config } = await setUp();
      const child = startRecert(config);
      const journal = join(work, 'journal.json');
      const ended = once(child, 'exit');
      // Wait for the plan to be on disk, then a little longer: the kill falls among the writes.
      while (child.exitCode === null && !existsSync(journal)) await sleep(1);
      await sleep(Math.random() * 30);
      child.kill('SIGKILL');
      await ended;
      expect(await runRecert(config), `round ${round}`).toEqual({ code: 0, stderr: '' });
      expect(await leftovers(cluster)).toEqual([]);
      expect(fileNames().filter((name) => name.startsWith('.'))).toEqual([]);
      expect(existsSync(journal)).toBe(false);
      await etcd.transact(
        [],
        (await etcd.readAll('/')).entries.map(({ key }) => ({ delete: key })),
      );
      rmSync(join(work, 'node'), { recursive: true });
    }
  });

  it('answers with exit code 1 and changes nothing when etcd is not there or the configuration is wrong', async () => {
    const { config } = await setUp();
    const before = await etcd.readAll('/');
    writeFileSync(config, JSON.stringify({ hostnam: 'x' }));
    const wrong = await runRecert(config);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('unknown keys "hostnam" in config file');
    writeFileSync(
      config,
      JSON.stringify({ etcd_endpoint: '127.0.0.1:1', journal_file: join(work, 'journal.json') }),
    );
    expect((await runRecert(config)).stderr).toContain('127.0.0.1:1');
    expect(await etcd.readAll('/')).toEqual(before);
  });
});
