import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { renderSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { originMember, SEED_MEMBERS } from '#api/seedImage.ts';
import { writeOciImage } from '#formats/ociLayout.ts';
import { writeTar } from '#formats/tar.ts';
import { buildSeedImage } from '#seed/image.ts';
import { writeArchive } from '#system/archives.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';

export const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'sower-seed-'));
export const name = (): string => randomBytes(4).toString('hex');
export const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

export interface TestRegistry {
  readonly address: string;
  /** A name that only registries.conf leads to the registry. */
  readonly alias: string;
  /** registries.conf; CONTAINERS_REGISTRIES_CONF names it while the registry runs. */
  readonly conf: string;
  stop(): Promise<void>;
}

/** Debian's docker-registry on loopback, reachable under an alias as a mirror without TLS. */
export async function startRegistry(directory: string): Promise<TestRegistry> {
  const address = `127.0.0.1:${await freePort()}`;
  const alias = `registry.${name()}.test`;
  const config = join(directory, 'registry.yml');
  await writeFile(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(directory, 'registry')}}}\nhttp: {addr: "${address}"}\n`,
  );
  const program = localHost.start(['docker-registry', 'serve', config], { okCodes: [0, 128] });
  program.stdout.resume();
  const done = program.done.catch(() => {});
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const conf = join(directory, 'registries.conf');
  await writeFile(
    conf,
    `[[registry]]\nlocation = "${alias}"\n[[registry.mirror]]\nlocation = "${address}"\ninsecure = true\n[[registry]]\nlocation = "${address}"\ninsecure = true\n`,
  );
  process.env['CONTAINERS_REGISTRIES_CONF'] = conf;
  const stop = async (): Promise<void> => {
    delete process.env['CONTAINERS_REGISTRIES_CONF'];
    program.kill('SIGTERM');
    await done;
  };
  return { address, alias, conf, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Pushes an image with one random file; the answer is its pull spec by the alias. */
export async function pushSmallImage(registry: TestRegistry, directory: string): Promise<string> {
  const layout = join(directory, `image-${name()}`);
  const content = randomBytes(3000);
  const tar = writeTar([{ path: 'file', mode: 0o644, size: content.length, content: once(content) }]);
  await writeOciImage(
    {
      layers: [{ tar, compression: 'gzip' }],
      architecture: ARCHITECTURE,
      created: '2026-01-01T00:00:00Z',
      config: {},
      reference: 'x',
    },
    localLayout(layout),
  );
  const repository = `apps/${name()}:1`;
  await pushLayout(layout, `${registry.address}/${repository}`);
  return `${registry.alias}/${repository}`;
}

export const pushLayout = async (layout: string, target: string): Promise<void> =>
  void (await localHost.run([
    'skopeo',
    'copy',
    '--quiet',
    '--dest-tls-verify=false',
    `oci:${layout}`,
    `docker://${target}`,
  ]));

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

export interface SyntheticSeed {
  /** Members of the image's root. */
  readonly directory: string;
  readonly version: string;
  readonly checksum: string;
  /** A file of the OSTree commit, below /usr. */
  readonly payload: Buffer;
}

export const clusterInfo = (version: string, extra: Partial<SeedClusterInfo> = {}): SeedClusterInfo => ({
  seed_cluster_ocp_version: version,
  base_domain: 'example.test',
  cluster_name: `seed-${name()}`,
  node_ips: ['192.0.2.10'],
  release_registry: '',
  mirror_registry_configured: false,
  sno_hostname: 'seed',
  recert_image_pull_spec: '',
  has_proxy: false,
  has_fips: false,
  cluster_network_cidr: ['10.128.0.0/14'],
  service_network_cidr: ['172.30.0.0/16'],
  additionalTrustBundle: null,
  container_storage_mountpoint_target: '/dev/disk/by-partlabel/var-lib-containers',
  ingress_certificate_cn: '',
  machine_networks: ['192.0.2.0/24'],
  ...extra,
});

/** All members of a seed image, of an OSTree commit with a few files instead of an operating system. */
export async function makeSyntheticSeed(base: string, images: readonly string[]): Promise<SyntheticSeed> {
  const directory = join(base, 'members');
  const version = `4.${name()}-rc.1`;
  const payload = randomBytes(200_000);
  const put = async (path: string, content: string | Buffer, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), content, { mode });
  };
  await put('tree/usr/lib/modules/6.0-test/vmlinuz', randomBytes(1000));
  await put('tree/usr/lib/modules/6.0-test/initramfs.img', randomBytes(1000));
  await put('tree/usr/lib/os-release', 'ID=test\nPRETTY_NAME="Test"\n');
  await put('tree/usr/bin/containerd', 'a name is enough', 0o755);
  await put('tree/usr/share/payload', payload);
  await put('tree/usr/etc/hosts', 'of the commit');
  await put('tree/usr/etc/gone', 'deleted on the seed');
  await put('tree/usr/etc/containerd/config.toml', 'root = "/var/lib/containers/containerd"\n');
  const repo = join(base, 'repo');
  const run = async (...argv: string[]) => (await localHost.run(argv)).stdout.trim();
  await run('ostree', 'init', `--repo=${repo}`, '--mode=bare');
  const checksum = await run(
    'ostree',
    `--repo=${repo}`,
    'commit',
    '--branch=test/base',
    `--tree=dir=${join(base, 'tree')}`,
  );

  await put('root/var/lib/etcd/member/snap/db', 'etcd data', 0o600);
  await put('root/var/lib/systemd/random-seed', 'shared by all clones');
  await put('root/var/lib/dbus/machine-id', 'f'.repeat(32));
  await put('root/var/home/core/with blank', 'kept');
  await put('root/etc/hosts', 'of the seed');
  await put('root/etc/machine-id', `${'e'.repeat(32)}\n`, 0o444);
  await put('root/etc/two words', 'kept too', 0o640);
  await symlink('/usr/bin/true', join(base, 'root/etc/absolute-link'));
  const deployment = `${checksum}.0`;
  const member = (path: string) => `members/${path}`;
  await put(member(SEED_MEMBERS.clusterInfo), renderSeedClusterInfo(clusterInfo(version)), 0o600);
  await put(member(SEED_MEMBERS.images), images.join('\n'), 0o600);
  await put(member(SEED_MEMBERS.executable), randomBytes(300_000), 0o755);
  await put(member(originMember(deployment)), '[origin]\nrefspec=test/base\n');
  await put(member(SEED_MEMBERS.etcDeletions), '/etc/gone\n/etc/never there\n', 0o600);
  const machineConfig = {
    spec: { kernelArguments: ['mitigations=auto', 'cgroup_no_v1="all"'], fips: false },
  };
  await put(member(SEED_MEMBERS.machineConfig), JSON.stringify(machineConfig), 0o600);
  const status = {
    ...{ id: `my-os-${deployment}`, osname: 'my-os', booted: true, serial: 0, checksum },
    ...{ version: '1', timestamp: 0, staged: false, origin: 'test/base' },
  };
  await put(member(SEED_MEMBERS.rpmOstree), renderRpmOstreeStatus([status]));
  const archive = (source: string, operands: string[], target: string) =>
    writeArchive(localHost, { directory: source, arguments: operands, target: join(directory, target) });
  await archive(repo, ['.'], SEED_MEMBERS.ostree);
  await archive(join(base, 'root'), ['var'], SEED_MEMBERS.var);
  await archive(join(base, 'root'), ['etc'], SEED_MEMBERS.etc);
  return { directory, version, checksum, payload };
}

/** Builds the image as `create` does and pushes it under the alias. */
export async function pushSeed(
  registry: TestRegistry,
  seed: SyntheticSeed,
  architecture = ARCHITECTURE,
): Promise<string> {
  const layout = join(seed.directory, '..', `layout-${name()}`);
  await buildSeedImage(localHost, { directory: seed.directory, layout, architecture, now: new Date(0) });
  const repository = `seeds/${name()}:latest`;
  await pushLayout(layout, `${registry.address}/${repository}`);
  await rm(layout, { recursive: true });
  return `${registry.alias}/${repository}`;
}
