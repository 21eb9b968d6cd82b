import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecertConfig } from '#api/recertConfig.ts';
import { renderRecertConfig } from '#api/recertConfig.ts';
import { connectEtcd, type Etcd, TRANSACTION_BYTES, TRANSACTION_OPERATIONS } from '#system/etcd.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/main.ts');

/** What lies on a node: etcd's objects by key, and files by path. */
export interface NodeContents {
  readonly objects: Iterable<readonly [string, Buffer]>;
  readonly files: Readonly<Record<string, string>>;
}

/** A node of its own for one test: a folder with files and etcd's data, and a real etcd on it while it is wanted. */
export class RecertNode {
  readonly work = mkdtempSync(join(tmpdir(), 'recert-node-'));
  readonly dataDir = join(this.work, 'etcd');
  readonly #contents: NodeContents;
  #server: ChildProcess | undefined;

  readonly #program: readonly string[];

  /** `program` is what `run` starts; by default recert from its sources. */
  constructor(contents: NodeContents, program: readonly string[] = [process.execPath, PROGRAM, 'recert']) {
    this.#contents = contents;
    this.#program = program;
  }

  /** Writes the cluster's files, and its objects through an etcd that is stopped again. */
  async fill(): Promise<void> {
    await this.withEtcd((etcd) => this.restore(etcd));
  }

  /** Makes files and objects what they were in the beginning. */
  async restore(etcd: Etcd): Promise<void> {
    rmSync(this.at(''), { recursive: true, force: true });
    for (const [path, text] of Object.entries(this.#contents.files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), text, { mode: 0o640 });
    }
    const { entries } = await etcd.readAll('/');
    for (const { key } of entries) await etcd.transact([], [{ delete: key }]);
    for (const batch of batches(this.#contents.objects))
      await etcd.transact(
        [],
        batch.map(([key, value]) => ({ put: key, value })),
      );
  }

  at(path: string): string {
    return join(this.work, 'node', path);
  }

  async withEtcd<T>(use: (etcd: Etcd, endpoint: string) => Promise<T>): Promise<T> {
    const url = `http://127.0.0.1:${await freePort()}`;
    this.#server = spawn(
      'etcd',
      [
        ...['--data-dir', this.dataDir, '--listen-peer-urls', 'http://127.0.0.1:0', '--unsafe-no-fsync'],
        ...['--listen-client-urls', url, '--advertise-client-urls', url],
        ...['--quota-backend-bytes', String(8 << 30)],
      ],
      { stdio: 'ignore' },
    );
    this.#server.on('error', () => {}); // a missing program shows as an etcd that never answers
    const etcd = await untilAnswered(() => connectEtcd(url, { timeoutSeconds: 10 }));
    try {
      return await use(etcd, url);
    } finally {
      etcd.close();
      await this.#stopServer('SIGTERM');
    }
  }

  async #stopServer(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    if (server !== undefined && server.exitCode === null && server.kill(signal)) await once(server, 'exit');
  }

  /** Everything that a run may change: bytes by key of etcd, and by path of the host. */
  async contents(etcd: Etcd): Promise<ReadonlyMap<string, Buffer>> {
    const { entries } = await etcd.readAll('/');
    const files = readdirSync(this.at(''), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return new Map([
      ...entries.map(({ key, value }) => [key, value] as const),
      ...files.map((path) => [path, readFileSync(path)] as const),
    ]);
  }

  /** The same while no etcd runs. */
  state(): Promise<ReadonlyMap<string, Buffer>> {
    return this.withEtcd((etcd) => this.contents(etcd));
  }

  /** Configuration for a run on the data directory, in a file; `more` is laid over it. */
  writeConfig(more: Partial<RecertConfig> = {}): string {
    const path = join(this.work, 'config.json');
    const config: RecertConfig = {
      ...(more.etcd_endpoint === undefined && { etcd_data_dir: this.dataDir }),
      crypto_dirs: [this.at('etc/kubernetes'), this.at('var/lib/kubelet')],
      cluster_customization_dirs: [this.at('etc/kubernetes')],
      cluster_rename: 'two:other.net',
      hostname: 'node.two',
      extend_expiration: true,
      journal_file: this.journal,
      ...more,
    };
    writeFileSync(path, renderRecertConfig(config));
    return path;
  }

  readonly journal = join(this.work, 'journal.json');

  start(config: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [program = '', ...first] = this.#program;
    return spawn(program, [...first, ...args], {
      env: { ...process.env, ...env, RECERT_CONFIG: config },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(config: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const child = this.start(config, args, env);
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: await stdout, stderr: await stderr };
  }

  /** Kills a run when its plan is on disk and `milliseconds` have passed. */
  async runAndKill(config: string, milliseconds: number): Promise<void> {
    const child = this.start(config);
    const ended = once(child, 'exit');
    child.stdout?.resume();
    child.stderr?.resume();
    while (child.exitCode === null && !existsSync(this.journal)) await sleep(1);
    await sleep(milliseconds);
    child.kill('SIGKILL');
    await ended;
    await killOwnEtcd(this.dataDir);
  }

  async remove(): Promise<void> {
    await this.#stopServer('SIGKILL');
    await killOwnEtcd(this.dataDir);
    rmSync(this.work, { recursive: true, force: true });
  }
}

/** Pieces that fit into a transaction. */
function* batches(objects: NodeContents['objects']): Generator<(readonly [string, Buffer])[]> {
  let batch: (readonly [string, Buffer])[] = [];
  let bytes = 0;
  for (const object of objects) {
    batch.push(object);
    bytes += object[1].length;
    if (batch.length < TRANSACTION_OPERATIONS && bytes < TRANSACTION_BYTES / 2) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

async function textOf(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A run that was killed leaves the etcd that it had started; on a host the unit's control group ends with it. */
async function killOwnEtcd(dataDir: string): Promise<void> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = readCommand(pid);
    if (!command.includes(`--data-dir=${dataDir}`)) continue;
    process.kill(Number(pid), 'SIGKILL');
    while (readCommand(pid) !== '') await sleep(5);
  }
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

export async function untilAnswered(open: () => Etcd): Promise<Etcd> {
  for (let attempt = 0; ; attempt++) {
    const client = open();
    try {
      await client.status();
      return client;
    } catch (error) {
      client.close();
      if (attempt === 100) throw error;
      await sleep(100);
    }
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
