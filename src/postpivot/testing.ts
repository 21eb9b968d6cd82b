import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { renderSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { renderSeedReconfiguration, type SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { silentLogger } from '#base/logger.ts';
import { renderIso } from '#formats/iso9660Writer.ts';
import type { RunOptions, RunResult } from '#system/host.ts';
import type {
  ApiResource,
  KubernetesApi,
  KubernetesObject,
  ObjectKind,
  ObjectName,
} from '#system/kubernetesApi.ts';
import { type MemoryFiles, MemoryHost } from '#system/testing.ts';
import { NODE_KUBECONFIG, SEED_MANIFEST } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';

const word = (): string => `x${randomUUID().slice(0, 8)}`;

export function seedInfo(change: Partial<SeedClusterInfo> = {}): SeedClusterInfo {
  return {
    seed_cluster_ocp_version: '4.19.3',
    base_domain: `${word()}.example`,
    cluster_name: word(),
    node_ips: ['192.0.2.10'],
    release_registry: 'seed.registry.example:5000',
    mirror_registry_configured: false,
    sno_hostname: word(),
    recert_image_pull_spec: '',
    has_proxy: false,
    has_fips: false,
    cluster_network_cidr: ['10.128.0.0/14'],
    service_network_cidr: ['172.30.0.0/16'],
    additionalTrustBundle: null,
    container_storage_mountpoint_target: '',
    ingress_certificate_cn: 'ingress-operator@1700000000',
    machine_networks: ['192.0.2.0/24'],
    ...change,
  };
}

export function reconfiguration(change: Partial<SeedReconfiguration> = {}): SeedReconfiguration {
  return {
    api_version: 1,
    base_domain: `${word()}.example`,
    cluster_name: word(),
    cluster_id: randomUUID(),
    infra_id: '',
    node_ips: [],
    release_registry: '',
    hostname: word(),
    KubeconfigCryptoRetention: noCrypto,
    ssh_key: '',
    server_ssh_keys: [],
    kubeadmin_password_hash: '',
    raw_nm_state_config: '',
    pull_secret: '{"auths":{"r.example":{"auth":"eDp5"}}}',
    machine_networks: ['198.51.100.0/24'],
    install_config: '',
    chrony_config: '',
    additionalTrustBundle: { userCaBundle: '', proxyConfigmapName: '', proxyConfigmapBundle: '' },
    node_labels: {},
    ...change,
  };
}

export const noCrypto: SeedReconfiguration['KubeconfigCryptoRetention'] = {
  KubeAPICrypto: {
    ServingCrypto: {
      localhost_signer_private_key: '',
      service_network_signer_private_key: '',
      loadbalancer_external_signer_private_key: '',
    },
    ClientAuthCrypto: { admin_ca_certificate: '' },
  },
  IngresssCrypto: { ingress_ca: '', ingress_certificate_cn: '' },
};

export const privateKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

/** A config ISO; `files` are beside or instead of the manifest. */
export function configIso(
  target: SeedReconfiguration | string,
  files: Readonly<Record<string, string>> = {},
  volumeId = 'cluster-config',
): Buffer {
  const manifest = typeof target === 'string' ? target : renderSeedReconfiguration(target);
  const all = { 'cluster-configuration/manifest.json': manifest, ...files };
  return renderIso({
    volumeId,
    created: new Date('2031-01-02T03:04:05Z'),
    rootMode: 0o700,
    entries: Object.entries(all).map(([path, text]) => ({ path, mode: 0o644, content: Buffer.from(text) })),
  });
}

/** An API server in memory. */
class FakeCluster implements KubernetesApi {
  readonly served = new Map<string, ApiResource>();
  readonly objects = new Map<string, KubernetesObject>();
  readonly patches: { readonly key: string; readonly body: unknown }[] = [];

  constructor(kinds: readonly ObjectKind[] = []) {
    for (const kind of kinds) this.serve(kind);
  }

  serve({ apiVersion, kind }: ObjectKind): void {
    this.served.set(`${apiVersion} ${kind}`, { plural: `${kind.toLowerCase()}s`, namespaced: true });
  }

  put(object: KubernetesObject): void {
    this.objects.set(keyOf(object, object.metadata), object);
  }

  async findResource(kind: ObjectKind): Promise<ApiResource | undefined> {
    return this.served.get(`${kind.apiVersion} ${kind.kind}`);
  }

  async get(kind: ObjectKind, name: ObjectName): Promise<KubernetesObject | undefined> {
    return this.objects.get(keyOf(kind, name));
  }

  async list(kind: ObjectKind): Promise<KubernetesObject[]> {
    return [...this.objects.values()].filter((o) => o.kind === kind.kind && o.apiVersion === kind.apiVersion);
  }

  async create(object: KubernetesObject): Promise<KubernetesObject> {
    this.put({ ...object, metadata: { ...object.metadata, resourceVersion: '1' } });
    return object;
  }

  async update(object: KubernetesObject): Promise<KubernetesObject> {
    this.put(object);
    return object;
  }

  async patch(kind: ObjectKind, name: ObjectName, patch: { body: unknown }): Promise<KubernetesObject> {
    this.patches.push({ key: keyOf(kind, name), body: patch.body });
    return this.objects.get(keyOf(kind, name)) ?? { ...kind, metadata: { ...name } };
  }

  async delete(kind: ObjectKind, name: ObjectName): Promise<boolean> {
    return this.objects.delete(keyOf(kind, name));
  }

  async isReady(): Promise<boolean> {
    return true;
  }

  close(): void {}
}

const keyOf = (kind: ObjectKind, at: { readonly name?: string; readonly namespace?: string }): string =>
  [kind.apiVersion, kind.kind, at.namespace ?? '', at.name].join(' ');

export interface TestHostOptions {
  readonly seed?: SeedClusterInfo;
  /** Content of a block device. */
  readonly volume?: Buffer;
  readonly files?: Readonly<Record<string, string>>;
  readonly programs?: readonly string[];
  /** Units that systemd knows. */
  readonly units?: readonly string[];
  /** What a command does to the files. */
  readonly onCommand?: (argv: readonly string[], files: MemoryHost['files']) => Promise<void>;
  /** Free on every file system; blocks are never shared. */
  readonly freeBytes?: number;
}

/** The programs that copy and measure trees, on a host in memory. */
async function answerFileProgram(
  files: MemoryHost['files'],
  argv: readonly string[],
  { input = '' }: RunOptions,
  freeBytes: number,
): Promise<Partial<RunResult> | undefined> {
  const operands = argv.slice(argv.indexOf('--') + 1);
  const copy = async (from: string, to: string): Promise<void> => {
    const facts = await files.facts(from);
    if (facts?.kind === 'symlink') return files.symlink(await files.readLink(from), to);
    if (facts?.kind === 'file') return files.copy(from, to);
    await files.makeDirectory(to, facts?.mode);
    for (const name of await files.list(from)) await copy(`${from}/${name}`, `${to}/${name}`);
  };
  if (argv[0] === 'cp') {
    const target = argv.find((arg) => arg.startsWith('--target-directory='))?.replace(/^.*?=/, '');
    if (target === undefined) return { code: 1 };
    for (const from of operands) await copy(from, `${target}/${from.split('/').at(-1)}`);
    return {};
  }
  if (argv[0] === 'xargs') {
    const paths = String(input).split('\0');
    for (let at = 0; at + 1 < paths.length; at += 2) await copy(paths[at]!, paths[at + 1]!);
    return {};
  }
  if (argv[0] === 'du') return { stdout: '4096\ttotal\n' };
  if (argv[0] === 'df') return { stdout: `Avail\n${freeBytes}\n` };
  return undefined;
}

/** A host that was installed from a seed image, and everything around it. */
export class TestWorld implements PostPivotWorld {
  readonly host: MemoryHost;
  readonly logger = silentLogger;
  readonly recertCommand = ['/usr/local/bin/recert'];
  readonly cluster = new FakeCluster();
  readonly rebuilt: { readonly name: string; readonly peerUrl: string }[] = [];
  recertRuns = 0;
  #seconds = 0;

  constructor(options: TestHostOptions = {}) {
    const seed = options.seed ?? seedInfo();
    this.host = new MemoryHost(
      {
        [SEED_MANIFEST]: renderSeedClusterInfo(seed),
        '/proc/sys/kernel/hostname': `${seed.sno_hostname}\n`,
        '/etc/hosts': `127.0.0.1 localhost\n${seed.node_ips[0]} ${seed.sno_hostname} api.${seed.cluster_name}.${seed.base_domain}\n`,
        '/proc/self/mountinfo': '',
        '/var/lib/etcd/member/snap/db': 'data of the seed',
        [NODE_KUBECONFIG]: 'kubeconfig',
        ...(options.volume && { '/sys/block/loop7/size': '1', '/dev/loop7': options.volume }),
        ...options.files,
      },
      async (argv, runOptions) => {
        if (argv[0] === this.recertCommand[0]) this.recertRuns++;
        await options.onCommand?.(argv, this.host.files);
        const { files } = this.host;
        const answer = await answerFileProgram(files, argv, runOptions, options.freeBytes ?? 2 ** 40);
        if (answer !== undefined) return answer;
        if (argv[1] === 'is-active') return { code: 3 };
        if (argv[1] !== 'show') return {};
        return { stdout: (options.units ?? []).includes(argv.at(-1)!) ? 'loaded\n' : 'not-found\n' };
      },
      options.programs ?? [],
    );
  }

  readonly etcd = {
    during: (work: (endpoint: string) => Promise<void>): Promise<void> => work('http://127.0.0.1:23790'),
    rebuild: async (member: { readonly name: string; readonly peerUrl: string }): Promise<void> => {
      this.rebuilt.push(member);
    },
  };

  async addresses(): Promise<readonly string[]> {
    return ['203.0.113.9', '198.51.100.20'];
  }

  async connect(): Promise<KubernetesApi> {
    return this.cluster;
  }

  /** Time passes only by waiting. */
  async sleep(seconds: number): Promise<void> {
    this.#seconds += seconds;
    if (this.#seconds > 10_000) throw new Error('waits for ever');
  }

  clock(): number {
    return this.#seconds;
  }

  /** Back to the first second. */
  rewind(): void {
    this.#seconds = 0;
  }

  now(): Date {
    return new Date(Date.UTC(2031, 0, 1) + this.#seconds * 1000);
  }
}

/** From here on the host is cut off at its n-th change; true while that still happens. */
export function cutAt(files: MemoryFiles, changes: number): () => boolean {
  const changing = ['write', 'appendLine', 'makeDirectory', 'remove', 'rename', 'copy', 'symlink'] as const;
  let left = changes;
  for (const name of changing) {
    const original = files[name].bind(files) as (...args: unknown[]) => Promise<void>;
    Object.defineProperty(files, name, {
      configurable: true,
      value: async (...args: unknown[]) => {
        if (left-- <= 0) throw new Error('power cut');
        await original(...args);
      },
    });
  }
  return () => {
    for (const name of changing) delete (files as unknown as Record<string, unknown>)[name];
    return left < 0;
  };
}
