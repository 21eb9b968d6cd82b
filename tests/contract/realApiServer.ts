import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildLab } from '#lab/build/all.ts';
import type { RunningProgram } from '#system/host.ts';
import { localHost } from '#system/localHost.ts';

/** A kube-apiserver of the lab's cache with an etcd of its own; nothing runs what is created in it. */
export interface RealApiServer {
  /** JSON, which is YAML. */
  readonly kubeconfig: string;
  /** Names of all objects below that place, from etcd itself. */
  stored(prefix: string): Promise<string[]>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApiServer(base: string): Promise<RealApiServer> {
  const { kubernetesBin } = await buildLab();
  await mkdir(base, { recursive: true });
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(12).toString('hex');
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const keyFile = join(base, 'sa.key');
  await writeFile(keyFile, key.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  await writeFile(join(base, 'tokens.csv'), `${token},admin,1,"system:masters"\n`, { mode: 0o600 });
  const endpoint = `http://127.0.0.1:${client}`;
  const etcd = begin([
    ...['etcd', `--data-dir=${join(base, 'etcd')}`, `--listen-client-urls=${endpoint}`],
    ...[`--advertise-client-urls=${endpoint}`, `--listen-peer-urls=http://127.0.0.1:${peer}`],
  ]);
  const argv = [
    ...[join(kubernetesBin, 'kube-apiserver'), `--etcd-servers=${endpoint}`, `--secure-port=${secure}`],
    ...['--bind-address=127.0.0.1', `--cert-dir=${join(base, 'certs')}`, '--authorization-mode=AlwaysAllow'],
    ...[`--token-auth-file=${join(base, 'tokens.csv')}`, '--service-account-issuer=https://test.invalid'],
    ...[`--service-account-key-file=${keyFile}`, `--service-account-signing-key-file=${keyFile}`],
    ...[
      '--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection',
      '--service-cluster-ip-range=10.0.0.0/24',
    ],
  ];
  const cluster = { server: `https://127.0.0.1:${secure}`, 'insecure-skip-tls-verify': true };
  const kubeconfig = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token } }],
  });
  let server: RunningProgram | undefined;
  const stopServer = async (): Promise<void> => {
    await end(server);
    server = undefined;
  };
  const startServer = async (): Promise<void> => {
    server = begin(argv);
    await waitForReady(secure, token);
  };
  const stop = async (): Promise<void> => {
    await stopServer();
    await end(etcd);
  };
  await startServer().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const stored = async (prefix: string): Promise<string[]> => {
    const query = ['etcdctl', `--endpoints=${endpoint}`, 'get', '--prefix', '--keys-only', prefix];
    const { stdout } = await localHost.run(query, { env: { ETCDCTL_API: '3' } });
    return stdout.split('\n').filter((line) => line !== '');
  };
  return { kubeconfig, stored, stopServer, startServer, stop };
}

/** Ended with its starter, also when that is killed. */
function begin(argv: readonly string[]): RunningProgram {
  const program = localHost.start(['setpriv', '--pdeathsig', 'KILL', '--', ...argv], {
    okCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  program.stdout.resume();
  program.stdin.end();
  program.done.catch(() => {});
  return program;
}

async function end(program: RunningProgram | undefined): Promise<void> {
  program?.kill('SIGKILL');
  await program?.done.catch(() => {});
}

async function waitForReady(port: number, token: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const argv = ['curl', '--silent', '--insecure', '--fail', '--header', `Authorization: Bearer ${token}`];
    const asked = await localHost.run([...argv, `https://127.0.0.1:${port}/readyz`], {
      okCodes: Array.from({ length: 100 }, (_, code) => code),
    });
    if (asked.code === 0) return;
    await sleep(100);
  }
  throw new Error('kube-apiserver did not become ready');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
