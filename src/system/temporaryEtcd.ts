import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { type EtcdPrograms, type EtcdProgramsOptions, findEtcdPrograms } from './etcdPrograms.ts';
import type { Host, RunningProgram, RunResult } from './host.ts';
import { commandFailed } from './localHost.ts';

export interface TemporaryEtcdOptions extends EtcdProgramsOptions {
  /** The member's data directory, for example `/var/lib/etcd`. */
  readonly dataDir: string;
  /** Default 60, as in lifecycle-agent 3.5. */
  readonly healthTimeoutSeconds?: number;
}

export interface TemporaryEtcd {
  /** `http://127.0.0.1:<port>` without authentication: stop it as soon as the work is done. */
  readonly endpoint: string;
  /** Ends the program and returns when the data directory is free again. */
  stop(): Promise<void>;
}

/** An OpenShift etcd may be larger than etcd's default quota of 2 GiB, and then refuses every write. */
const BACKEND_QUOTA_BYTES = 8 * 1024 ** 3;

/**
 * Runs a single-member etcd on an existing data directory, on loopback, with a random client port, and waits until
 * it is healthy. Existing data decides its members; the listed peer URL only keeps it from the network.
 * Failure `system/etcd-not-healthy` with the end of etcd's own log when it does not come up.
 */
export async function startTemporaryEtcd(host: Host, options: TemporaryEtcdOptions): Promise<TemporaryEtcd> {
  const programs = await findEtcdPrograms(host, options);
  await programs.clear();
  // Of a rebuild that was interrupted between its two renames.
  if (await host.files.exists(`${options.dataDir}/member.replaced`))
    await putRebuiltInPlace(host, options.dataDir);
  return startEtcd(host, programs, options);
}

export interface RebuildOptions extends TemporaryEtcdOptions {
  /** `--name` of the member, as in the static pod that will run it. */
  readonly name: string;
  /** `--initial-advertise-peer-urls` of the member, for example `https://192.168.150.20:2380`. */
  readonly peerUrl: string;
  /** `--initial-cluster-token`: with name and peer URL it decides the member and cluster IDs, so make it unique per cluster. */
  readonly token: string;
}

/**
 * Replaces the data directory's content by a new member that holds the live keys only: compaction at the head
 * revision, defragmentation, snapshot, restore with new member and cluster IDs, swap (additions.md, "etcd after a
 * deployment": history, WAL and free pages of the seed would keep its keys). The directory itself stays, so its owner
 * and mode do and it may be a mount point. An interrupted run is finished by the next one.
 */
export async function rebuildEtcdDataDirectory(host: Host, options: RebuildOptions): Promise<void> {
  const { files } = host;
  const { dataDir } = options;
  const member = `${dataDir}/member`;
  const work = `${dataDir}/rebuild`;
  const ready = `${work}/ready`;
  const replaced = `${dataDir}/member.replaced`;
  if (!(await files.exists(replaced))) {
    await files.remove(work);
    await files.makeDirectory(work, 0o700);
    await restoreInto(host, options, work);
    await host.run(['sync', '-f', work]);
    await files.rename(`${work}/new/member`, ready);
    await files.rename(member, replaced);
  }
  await putRebuiltInPlace(host, dataDir);
}

/** The old member is out of the way; every line may be repeated after a crash. */
async function putRebuiltInPlace({ files }: Host, dataDir: string): Promise<void> {
  const member = `${dataDir}/member`;
  if (!(await files.exists(member))) await files.rename(`${dataDir}/rebuild/ready`, member);
  await files.remove(`${dataDir}/member.replaced`);
  await files.remove(`${dataDir}/rebuild`);
}

async function restoreInto(host: Host, options: RebuildOptions, work: string): Promise<void> {
  const programs = await findEtcdPrograms(host, options);
  const etcdctl = (args: readonly string[], okCodes = [0]) =>
    host.run(programs.argv('etcdctl', options.dataDir, args), { env: { ETCDCTL_API: '3' }, okCodes });
  const snapshot = `${work}/snapshot.db`;
  await programs.clear();
  const etcd = await startEtcd(host, programs, options);
  const at = `--endpoints=${etcd.endpoint}`;
  const patient = '--command-timeout=600s'; // the default of 5 s is short for a database of gigabytes
  try {
    const status = await etcdctl([at, 'endpoint', 'status', '--write-out=json']);
    await compact((args, okCodes) => etcdctl([at, patient, ...args], okCodes), headRevision(status.stdout));
    await etcdctl([at, patient, 'defrag']);
    await etcdctl([at, patient, 'snapshot', 'save', snapshot]);
  } finally {
    await etcd.stop();
  }
  const restore = [
    ...['snapshot', 'restore', snapshot, `--data-dir=${work}/new`, `--name=${options.name}`],
    `--initial-cluster=${options.name}=${options.peerUrl}`,
    `--initial-advertise-peer-urls=${options.peerUrl}`,
    `--initial-cluster-token=${options.token}`,
  ];
  await host.run(programs.argv(programs.restorer, options.dataDir, restore), { env: { ETCDCTL_API: '3' } });
}

/** recert, or a run that was cut off, may have compacted at this very revision; etcd refuses to do so twice. */
async function compact(
  etcdctl: (args: readonly string[], okCodes: number[]) => Promise<RunResult>,
  revision: number,
): Promise<void> {
  const args = ['compaction', '--physical', String(revision)];
  const result = await etcdctl(args, [0, 1]);
  if (result.code !== 0 && !result.stderr.includes('has been compacted'))
    throw commandFailed(['etcdctl', ...args], result, null);
}

async function startEtcd(
  host: Host,
  programs: EtcdPrograms,
  options: TemporaryEtcdOptions,
): Promise<TemporaryEtcd> {
  const { dataDir } = options;
  if (!(await host.files.exists(`${dataDir}/member`))) {
    throw new Failure({
      code: 'system/etcd-no-data',
      message: `${dataDir} holds no etcd data (${dataDir}/member is missing)`,
      hint: 'name the data directory of the etcd member of this host',
    });
  }
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const args = [
    ...['--name=editor', `--data-dir=${dataDir}`, `--quota-backend-bytes=${BACKEND_QUOTA_BYTES}`],
    ...[`--listen-client-urls=${endpoint}`, `--advertise-client-urls=${endpoint}`],
    '--listen-peer-urls=http://127.0.0.1:0',
    // A member alone waits out one election timeout before it leads: a second by default.
    ...['--heartbeat-interval=10', '--election-timeout=100'],
  ];
  const program = host.start(programs.argv('etcd', dataDir, args), { okCodes: [0, 128, 137, 143] });
  program.stdin.end();
  program.stdout.resume();
  const ended = program.done.then(
    (result) => new Error(`etcd ended with exit code ${result.code}: ${result.stderr.trim().slice(-1024)}`),
    (error: unknown) => error,
  );
  const stop = async (): Promise<void> => {
    program.kill('SIGTERM');
    await ended;
  };
  try {
    await waitForHealth(endpoint, options.healthTimeoutSeconds ?? 60, ended);
  } catch (cause) {
    program.kill('SIGKILL');
    const log = await tailOf(program);
    await programs.clear();
    throw notHealthy(dataDir, cause, log);
  }
  return { endpoint, stop };
}

async function waitForHealth(endpoint: string, seconds: number, ended: Promise<unknown>): Promise<void> {
  let over: unknown;
  void ended.then((reason) => {
    over = reason;
  });
  const deadline = Date.now() + seconds * 1000;
  while (over === undefined && Date.now() < deadline) {
    const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await sleep(50);
  }
  throw over ?? new Error(`no answer within ${seconds} s`);
}

function notHealthy(dataDir: string, cause: unknown, log: string): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure({
    code: 'system/etcd-not-healthy',
    message: `etcd on ${dataDir} did not become healthy: ${reason}${log === '' ? '' : `; its log ends: ${log}`}`,
    hint: 'make sure that no other etcd runs on this data directory (kubelet and its containers stopped)',
    cause,
  });
}

const tailOf = (program: RunningProgram): Promise<string> =>
  program.done.then(
    (result) => result.stderr.trim().slice(-1024),
    () => '', // the failure of a program that ended by itself carries its log already
  );

function headRevision(statusJson: string): number {
  const [status] = JSON.parse(statusJson) as { Status?: { header?: { revision?: number } } }[];
  const revision = status?.Status?.header?.revision;
  if (typeof revision !== 'number')
    throw new Error(`etcdctl endpoint status without a revision: ${statusJson}`);
  return revision;
}

/** etcd can't be asked which port it chose, so one is chosen for it; a race with another program ends in a Failure. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
