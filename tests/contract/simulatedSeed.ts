import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Writable } from 'node:stream';
import { renderRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { SEED_PATHS } from '#seed/context.ts';
import type { Files, Host, RunningProgram, RunOptions } from '#system/host.ts';
import { MemoryHost } from '#system/testing.ts';
import { answerOf, kubeconfig, PULL_SECRET, SIGNERS } from './simulatedCluster.ts';

const CHECKSUM = 'c'.repeat(64);
/** Stand for all keys and certificates of the cluster, and for what etcd has as its pull secret. */
const CRYPTO = '/etc/kubernetes/crypto';
const STORED_PULL_SECRET = '/var/lib/etcd/member/pull-secret';
const OWN_CRYPTO = 'own keys, valid';

/**
 * A seed host in memory: its files, its cluster behind a real port, and programs that do to the files what the real
 * ones do to a node. It notices what must never happen, such as two etcds on one directory.
 */
export class SimulatedSeed {
  readonly memory: MemoryHost;
  readonly violations: string[] = [];
  /** What every archive of /var and /etc told. */
  readonly archived: string[] = [];
  isKubeletEnabled = true;
  isRunning = true;
  #server: Server | undefined;
  #etcds = new Set<Server>();

  private constructor(memory: MemoryHost) {
    this.memory = memory;
  }

  static async start(): Promise<SimulatedSeed> {
    const memory: MemoryHost = new MemoryHost(seedFiles(), (argv, options) => seed.#answer(argv, options), [
      ...['etcd', 'etcdctl', 'ostree', 'rpm-ostree', 'crictl', 'podman', 'skopeo'],
    ]);
    const seed = new SimulatedSeed(memory);
    seed.#server = createServer((request, response) => {
      if (!seed.isRunning) seed.violations.push(`${request.url} was asked while the cluster was stopped`);
      const body = seed.isRunning ? answerOf(request.url ?? '') : undefined;
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? { reason: 'NotFound' }));
    });
    await new Promise<void>((resolve) => seed.#server?.listen(0, '127.0.0.1', resolve));
    const { port } = seed.#server.address() as AddressInfo;
    await memory.files.write(SEED_PATHS.kubeconfig, kubeconfig(port));
    return seed;
  }

  /** This host as one process sees it, which in place of its `count`th change of the host is killed, or sees it fail. */
  process(count = Number.POSITIVE_INFINITY, fate: 'killed' | 'fails' = 'killed'): KillableHost {
    return new KillableHost(this, count, fate);
  }

  /** The files but for the kubeconfig, whose port is another one in every simulation. */
  tree(): Record<string, string> {
    const { [SEED_PATHS.kubeconfig]: _, ...tree } = this.memory.files.tree();
    return tree;
  }

  /** What a killed process takes with it. */
  endEtcds(): void {
    for (const etcd of this.#etcds) etcd.close();
    for (const etcd of this.#etcds) etcd.closeAllConnections();
    this.#etcds.clear();
  }

  async stop(): Promise<void> {
    this.endEtcds();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  startProgram(argv: readonly string[]): RunningProgram {
    return argv[0] === 'tar' ? this.#startTar(argv) : this.#startEtcd(argv);
  }

  /** An archive tells what there was to be archived. */
  #startTar(argv: readonly string[]): RunningProgram {
    if (argv.includes('--directory=/ostree/repo')) return archive('what nothing changes meanwhile');
    const { [CRYPTO]: crypto, [STORED_PULL_SECRET]: stored, ...rest } = this.memory.files.tree();
    if (this.isRunning) this.violations.push('files were archived while the cluster could change them');
    const text = JSON.stringify({ crypto, stored, file: rest['/var/lib/kubelet/config.json'] });
    this.archived.push(text);
    return archive(text);
  }

  #startEtcd(argv: readonly string[]): RunningProgram {
    if (this.isRunning) this.violations.push('a second etcd was started beside the cluster');
    if (this.#etcds.size > 0) this.violations.push('a second etcd was started beside a temporary one');
    const port = argv.flatMap(
      (word) => /^--listen-client-urls=http:\/\/127\.0\.0\.1:(\d+)$/.exec(word)?.[1] ?? [],
    );
    const etcd = createServer((_, response) => response.end('{}'));
    etcd.listen(Number(port[0]), '127.0.0.1');
    this.#etcds.add(etcd);
    const ended = new Promise<void>((resolve) => etcd.once('close', resolve));
    return program(Readable.from([]), ended, () => {
      this.#etcds.delete(etcd);
      etcd.close();
      etcd.closeAllConnections();
    });
  }

  #answer(argv: readonly string[], options: RunOptions) {
    const [name, ...args] = argv;
    if (name === 'systemctl') return this.#systemctl(args);
    if (name === 'crictl') return { stdout: args[0] === 'pods' ? '' : '{"images":[],"containers":[]}' };
    if (name === 'rpm-ostree') return { stdout: renderRpmOstreeStatus([DEPLOYMENT]) };
    if (name === 'ostree')
      return { stdout: args.includes('status') ? OSTREE_STATUS : 'M    kubernetes/crypto\n' };
    if (name === SEED_PATHS.recert) return this.#recert(options.env?.['RECERT_CONFIG'] ?? '');
    if (name === 'skopeo') return this.#push(args);
    return {};
  }

  #systemctl(args: readonly string[]) {
    const [verb] = args;
    const unit = args.at(-1);
    if (verb === 'is-active') return { code: unit === 'crio.service' && this.isRunning ? 0 : 3 };
    if (verb === 'show') return { stdout: unit === 'crio.service' ? 'loaded' : '' };
    if (unit === 'crio.service' && verb === 'stop') this.isRunning = false;
    if (unit !== 'kubelet.service') return {};
    if (verb === 'disable') this.isKubeletEnabled = false;
    if (verb === 'enable') this.isKubeletEnabled = true;
    if (args.includes('--now')) this.isRunning = true;
    return {};
  }

  /** Keys that are not given are made anew. */
  #recert(path: string) {
    if (this.#etcds.size !== 1) this.violations.push('recert ran without a temporary etcd');
    const tree = this.memory.files.tree();
    const config = JSON.parse(tree[path] ?? '{}') as {
      force_expire?: boolean;
      use_key_rules?: string[];
      pull_secret?: string;
    };
    const given = config.use_key_rules?.length === SIGNERS.length;
    void this.memory.files.write(CRYPTO, config.force_expire ? 'expired' : given ? OWN_CRYPTO : 'new keys');
    for (const place of [STORED_PULL_SECRET, '/var/lib/kubelet/config.json']) {
      if (config.pull_secret !== undefined) void this.memory.files.write(place, config.pull_secret);
    }
    return {};
  }

  #push(args: readonly string[]) {
    const layout = args.find((word) => word.startsWith('oci:'))?.slice('oci:'.length);
    const credentials =
      args.find((word) => word.startsWith('--authfile='))?.slice('--authfile='.length) ?? '';
    const tree = this.memory.files.tree();
    if (tree[credentials] !== PULL_SECRET) this.violations.push(`pushed with ${tree[credentials]}`);
    const index = JSON.parse(tree[`${layout}/index.json`] ?? '{}') as { manifests: { digest: string }[] };
    const digest = index.manifests[0]?.digest ?? '';
    const digestFile = args.find((word) => word.startsWith('--digestfile='))?.slice('--digestfile='.length);
    void this.memory.files.write(digestFile ?? '', digest);
    return {};
  }
}

/** Every change of the host counts; the one that is killed, and all that come after it, do not happen. */
class KillableHost implements Host {
  readonly files: Files;
  changes = 0;
  isKilled = false;
  readonly #seed: SimulatedSeed;
  readonly #count: number;
  readonly #fate: 'killed' | 'fails';

  constructor(seed: SimulatedSeed, count: number, fate: 'killed' | 'fails') {
    this.#seed = seed;
    this.#count = count;
    this.#fate = fate;
    this.files = this.#killableFiles();
  }

  run: Host['run'] = async (argv, options) => {
    this.#change();
    return this.#seed.memory.run(argv, options);
  };

  start: Host['start'] = (argv) => {
    this.#change();
    return this.#seed.startProgram(argv);
  };

  launch: Host['launch'] = (argv) => this.#seed.memory.launch(argv);

  has: Host['has'] = (name) => this.#seed.memory.has(name);

  #change(): void {
    if (this.isKilled) throw new Error('killed');
    if (++this.changes !== this.#count) return;
    if (this.#fate === 'fails') throw new Error('the disk is on fire');
    this.isKilled = true;
    this.#seed.endEtcds();
    throw new Error('killed');
  }

  #killableFiles(): Files {
    const { files } = this.#seed.memory;
    const changing = new Set(['write', 'appendLine', 'makeDirectory', 'remove', 'rename', 'symlink', 'copy']);
    return new Proxy(files, {
      get: (target, name: keyof Files) => {
        if (name === 'writeStream')
          return (path: string, options: object) => this.#writeStream(path, options);
        const method = (target[name] as (...args: unknown[]) => unknown).bind(target);
        if (!changing.has(name)) return method;
        return async (...args: unknown[]) => {
          this.#change();
          return method(...args);
        };
      },
    });
  }

  /** A process that is killed while it writes leaves half of the file. */
  #writeStream(path: string, options: object): Writable {
    this.#change();
    const { files } = this.#seed.memory;
    const chunks: Buffer[] = [];
    return new Writable({
      construct: (done) => void files.write(path, 'half', options).then(() => done(), done),
      write: (chunk: Buffer, _, done) => {
        chunks.push(chunk);
        done();
      },
      final: (done) => {
        try {
          this.#change();
          void files.write(path, Buffer.concat(chunks), options).then(() => done(), done);
        } catch (error) {
          done(error as Error);
        }
      },
    });
  }
}

function program(stdout: Readable, ended: Promise<void>, kill: () => void = () => {}): RunningProgram {
  const stdin = new PassThrough().resume();
  return { pid: 1, stdin, stdout, done: ended.then(() => ({ code: 0, stdout: '', stderr: '' })), kill };
}

const archive = (text: string): RunningProgram =>
  program(Readable.from([Buffer.from(text)]), Promise.resolve());

const DEPLOYMENT = {
  ...{ id: `my-os-${CHECKSUM}.0`, osname: 'my-os', booted: true, serial: 0, checksum: CHECKSUM },
  ...{ version: '1', timestamp: 0, staged: false, origin: '' },
};
const OSTREE_STATUS = `* my-os ${CHECKSUM}.0\n`;

const seedFiles = (): Record<string, string> => ({
  [CRYPTO]: OWN_CRYPTO,
  [STORED_PULL_SECRET]: PULL_SECRET,
  '/var/lib/kubelet/config.json': PULL_SECRET,
  [SEED_PATHS.machineConfig]: '{"kind":"MachineConfig","spec":{}}',
  [`/ostree/deploy/my-os/deploy/${CHECKSUM}.0.origin`]: '[origin]\n',
  '/proc/self/mountinfo': '',
  '/program': 'the executable',
});
