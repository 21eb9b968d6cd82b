import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderRecertConfig } from '#api/recertConfig.ts';
import { dataOf } from '#k8s/data.ts';
import { parseResource } from '#k8s/resource.ts';
import { defaultCacheDirectory, obtain } from '#lab/build/cache.ts';
import { kubernetesRecipe } from '#lab/build/kubernetes.ts';
import { connectEtcd, type Etcd } from '#system/etcd.ts';
import { freePort, untilAnswered } from './recertNode.ts';

/**
 * A real cluster's etcd and certificates, rewritten with everything at once - name, domain, host name, address and
 * proxy - and then asked through a real kube-apiserver on what was written.
 */
const FIXTURES = join(import.meta.dirname, '../fixtures/recert');
const PROGRAM = join(import.meta.dirname, '../../bin/main.ts');
const work = mkdtempSync(join(tmpdir(), 'recert-apiserver-'));
const dataDir = join(work, 'etcd');
const node = join(work, 'node/pki2/etc/kubernetes');
const certs = join(node, 'static-pod-resources/kube-apiserver-certs');
const pod = join(node, 'static-pod-resources/kube-apiserver-pod-3');
const running: ChildProcess[] = [];
const SPEC_PROXY = {
  httpProxy: 'http://proxy.two:3128',
  httpsProxy: 'http://proxy.two:3129',
  noProxy: '.two',
};

interface Token {
  readonly key: string;
  readonly token: string;
}

interface Identity {
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

let endpoint: string;
let oldTokens: Token[];
let newTokens: Token[];
let oldAdmin: Identity;
let apiPort: number;

beforeAll(async () => {
  mkdirSync(join(work, 'node'));
  execFileSync('tar', [
    '--extract',
    '--gzip',
    '--file',
    join(FIXTURES, 'seed-pki.tgz'),
    '--directory',
    join(work, 'node'),
  ]);
  execFileSync('etcdctl', ['snapshot', 'restore', join(FIXTURES, 'seed-etcd.db'), '--data-dir', dataDir], {
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: 'ignore',
  });
  oldAdmin = adminIdentity();
  oldTokens = await withEtcd(tokensIn);
  runRecert();
  newTokens = await withEtcd(tokensIn);
  await startServers();
}, 120_000);

afterAll(async () => {
  for (const child of running) await stop(child);
  rmSync(work, { recursive: true, force: true });
});

/** The administrator's certificate out of a kubeconfig that the node has. */
function adminIdentity(): Identity {
  const text = readFileSync(join(work, 'node/pki2/admin.kubeconfig'), 'utf8');
  const field = (name: string) =>
    Buffer.from(new RegExp(`${name}"?: *"?([\\w+/=]+)`).exec(text)![1]!, 'base64').toString('utf8');
  return { cert: field('client-certificate-data'), key: field('client-key-data') };
}

async function startEtcd(): Promise<{ etcd: Etcd; child: ChildProcess }> {
  endpoint = `http://127.0.0.1:${await freePort()}`;
  const listen = ['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint];
  const peer = ['--listen-peer-urls', 'http://127.0.0.1:0', '--unsafe-no-fsync'];
  const child = spawn('etcd', ['--data-dir', dataDir, ...listen, ...peer], { stdio: 'ignore' });
  running.push(child);
  return { etcd: await untilAnswered(() => connectEtcd(endpoint, { timeoutSeconds: 10 })), child };
}

async function withEtcd<T>(use: (etcd: Etcd) => Promise<T>): Promise<T> {
  const { etcd, child } = await startEtcd();
  try {
    return await use(etcd);
  } finally {
    etcd.close();
    await stop(child);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
}

async function tokensIn(etcd: Etcd): Promise<Token[]> {
  const { entries } = await etcd.readAll('/kubernetes.io/secrets/');
  return entries.flatMap(({ key, value }) => {
    const token = dataOf(parseResource(key, value), 'token');
    return token?.split('.').length === 3 ? [{ key, token }] : [];
  });
}

function runRecert(): void {
  const config = join(work, 'config.json');
  const proxy = [SPEC_PROXY, { ...SPEC_PROXY, noProxy: '.two,10.0.0.0/8' }];
  const pki = join(work, 'node/pki2');
  writeFileSync(
    config,
    renderRecertConfig({
      etcd_data_dir: dataDir,
      etcd_rebuild: true,
      crypto_dirs: [pki],
      cluster_customization_dirs: [pki],
      cluster_rename: 'two:other.net:two-x7k2p',
      hostname: 'two-node',
      ip: '192.168.126.77',
      proxy: proxy.map((one) => [one.httpProxy, one.httpsProxy, one.noProxy].join('|')).join('|'),
      cn_san_replace_rules: [
        'system:node:seed-node,system:node:two-node',
        'seed-node:two-node',
        'api.seed.example.com:api.two.other.net',
        'api-int.seed.example.com:api-int.two.other.net',
        '*.apps.seed.example.com:*.apps.two.other.net',
        '192.168.126.10:192.168.126.77',
      ],
      extend_expiration: true,
      journal_file: join(work, 'journal.json'),
    }),
  );
  execFileSync(process.execPath, [PROGRAM, 'recert'], {
    env: { ...process.env, RECERT_CONFIG: config },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function startServers(): Promise<void> {
  (await startEtcd()).etcd.close();
  const { path: programs } = await obtain(await kubernetesRecipe(), { directory: defaultCacheDirectory() });
  apiPort = await freePort();
  const pair = (name: string): string[] => [
    `${certs}/secrets/${name}/tls.crt`,
    `${certs}/secrets/${name}/tls.key`,
  ];
  const [serving, servingKey] = pair('localhost-serving-cert-certkey');
  const child = spawn(
    join(programs, 'kube-apiserver'),
    [
      ...[`--etcd-servers=${endpoint}`, '--etcd-prefix=kubernetes.io', `--secure-port=${apiPort}`],
      ...['--bind-address=127.0.0.1', '--advertise-address=192.168.126.77', '--authorization-mode=RBAC'],
      ...[`--tls-cert-file=${serving}`, `--tls-private-key-file=${servingKey}`],
      `--tls-sni-cert-key=${pair('external-loadbalancer-serving-certkey').join(',')}`,
      `--client-ca-file=${certs}/configmaps/client-ca/ca-bundle.crt`,
      ...['--service-account-issuer=https://kubernetes.default.svc', '--service-account-lookup=true'],
      `--service-account-signing-key-file=${certs}/secrets/bound-service-account-signing-key/service-account.key`,
      `--service-account-key-file=${pod}/configmaps/sa-token-signing-certs/service-account-001.pub`,
      `--service-account-key-file=${pod}/configmaps/sa-token-signing-certs/service-account-002.pub`,
      `--cert-dir=${join(work, 'run')}`,
    ],
    { stdio: 'ignore' },
  );
  running.push(child);
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`kube-apiserver ended with ${child.exitCode}`);
    const status = await ask('/readyz', adminIdentity()).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(200);
  }
  throw new Error('kube-apiserver did not become ready');
}

/** Trusts only what the node's rewritten bundle trusts. */
async function ask(
  path: string,
  { cert, key, token }: Identity,
  servername = 'localhost',
): Promise<{ status: number; body: string }> {
  const ca = readFileSync(join(pod, 'configmaps/kube-apiserver-server-ca/ca-bundle.crt'));
  const call = request({
    ...{ host: '127.0.0.1', port: apiPort, path, ca, servername, agent: false },
    ...(cert !== undefined && { cert, key }),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

const json = async (path: string): Promise<Record<string, Record<string, unknown>>> => {
  const { status, body } = await ask(path, adminIdentity());
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(body) as Record<string, Record<string, unknown>>;
};

describe('kube-apiserver on a cluster that was given everything anew', () => {
  it('knows every service account by its new token, and none by its old one', async () => {
    expect(oldTokens.length).toBeGreaterThan(50);
    expect(newTokens.map(({ key }) => key)).toEqual(oldTokens.map(({ key }) => key));
    // Whoever is known may ask which APIs there are.
    for (const { key, token } of newTokens)
      expect([key, (await ask('/api', { token })).status]).toEqual([key, 200]);
    for (const { key, token } of oldTokens)
      expect([key, (await ask('/api', { token })).status]).toEqual([key, 401]);
  });

  it('knows the administrator by the new certificate only', async () => {
    expect((await ask('/api/v1/namespaces', adminIdentity())).status).toBe(200);
    expect((await ask('/api/v1/namespaces', oldAdmin)).status).toBe(401);
  });

  it('serves its new name with a certificate that the new bundle trusts, and not the old name', async () => {
    expect((await ask('/api', adminIdentity(), 'api.two.other.net')).status).toBe(200);
    await expect(ask('/api', adminIdentity(), 'api.seed.example.com')).rejects.toThrow(/does not match/);
  });

  it('gives out the new domain, address, infrastructure name and proxy', async () => {
    const config = '/apis/config.openshift.io/v1';
    const infrastructure = await json(`${config}/infrastructures/cluster`);
    expect(infrastructure['status']).toMatchObject({
      infrastructureName: 'two-x7k2p',
      apiServerURL: 'https://api.two.other.net:6443',
      apiServerInternalURI: 'https://api-int.two.other.net:6443',
    });
    expect((await json(`${config}/ingresses/cluster`))['spec']).toMatchObject({
      domain: 'apps.two.other.net',
    });
    const proxy = await json(`${config}/proxies/cluster`);
    expect(proxy['spec']).toMatchObject(SPEC_PROXY);
    expect(proxy['status']).toMatchObject({ noProxy: '.two,10.0.0.0/8' });
    const nodes = await json('/api/v1/nodes');
    expect(JSON.stringify(nodes)).not.toContain('seed-node');
  });
});
