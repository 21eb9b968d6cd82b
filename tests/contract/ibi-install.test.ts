import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_FORMAT_LABEL, SEED_MEMBERS } from '#api/seedImage.ts';
import { writeOciImage } from '#formats/ociLayout.ts';
import { writeTar } from '#formats/tar.ts';
import { openPartition, readPartitionTable } from '#system/disk.ts';
import { localHost } from '#system/localHost.ts';
import { localLayout } from '#system/localLayout.ts';
import { mount } from '#system/mounts.ts';
import { deploymentDirectory, ostree } from '#system/ostree.ts';
import { openPrivateContainerd } from '#system/privateContainerd.ts';
import { attachDisk, digestFile, lcaCli, leftovers } from './ibiFixture.ts';
import {
  ARCHITECTURE,
  clusterInfo,
  makeSyntheticSeed,
  name,
  pushLayout,
  pushSeed,
  pushSmallImage,
  type SyntheticSeed,
  scratch,
  startRegistry,
  type TestRegistry,
} from './seedFixture.ts';

const GIB = 1024 ** 3;

let base: string;
let registry: TestRegistry;
let images: string[];
let seed: SyntheticSeed;
let seedImage: string;

beforeAll(async () => {
  base = await scratch();
  registry = await startRegistry(base);
  images = [await pushSmallImage(registry, base), await pushSmallImage(registry, base)];
  seed = await makeSyntheticSeed(base, images);
  seedImage = await pushSeed(registry, seed);
});

afterAll(async () => {
  await registry.stop();
  await rm(base, { recursive: true, force: true });
});

const detach = (device: string) => localHost.run(['losetup', '--detach', device]);

async function install(
  config: Record<string, unknown>,
  work = join(base, `work-${name()}`),
  ...flags: string[]
) {
  await mkdir(work, { recursive: true });
  const path = join(work, 'ibi-configuration.json');
  await writeFile(path, JSON.stringify(config));
  const resultFile = join(work, 'result.json');
  const run = await lcaCli(base, [
    ...['ibi', '-f', path, '--work-directory', work, '--result-file', resultFile],
    ...flags,
  ]);
  return { ...run, resultFile };
}

describe('an installed disk', () => {
  const root = () => join(base, 'mnt');
  let device: string;
  let output: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    ({ device } = await attachDisk(base, 4 * GIB, randomBytes(4096)));
    const work = join(base, 'work-post');
    await mkdir(work);
    await writeFile(join(work, 'post.sh'), '#!/bin/sh\ntouch "$TARGET_ROOT/post-was-here"\n');
    await chmod(join(work, 'post.sh'), 0o755);
    const config = {
      seedImage,
      seedVersion: seed.version,
      installationDisk: device,
      extraPartitionStart: '-1G',
      coreosInstallerArgs: ['--append-karg', 'of.user=1'],
    };
    const result = await install(config, work);
    output = result.output;
    expect(result.code, output).toBe(0);
    expect(await leftovers(device)).toBe('');
    await expect(stat(`/run/lca-ibi/${device.split('/').at(-1)}`)).rejects.toThrow('ENOENT');
    for (const [partition, at] of [
      ['root', root()],
      ['boot', `${root()}/boot`],
      ['var-lib-containers', join(base, 'containers')],
    ] as const) {
      const part = await openPartition(localHost, device, partition);
      opened.push(part);
      await mount(localHost, part.device, at);
    }
  });

  afterAll(async () => {
    for (const at of [`${root()}/boot`, root(), join(base, 'containers')]) {
      await localHost.run(['umount', at], { okCodes: [0, 1, 32] });
    }
    for (const part of opened) await part.close();
    await detach(device);
  });

  const deployment = async (): Promise<string> => {
    const found = await ostree(localHost, root()).status();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      osname: `rhcos_${seed.version.replaceAll('-', '_')}`,
      checksum: seed.checksum,
    });
    return deploymentDirectory(root(), found[0]!);
  };
  const stateroot = () => join(root(), 'ostree/deploy', `rhcos_${seed.version.replaceAll('-', '_')}`);

  test('has the partitions of RHCOS and the extra one', async () => {
    const { partitions } = await readPartitionTable(localHost, device);
    const names = ['BIOS-BOOT', 'EFI-SYSTEM', 'boot', 'root', 'var-lib-containers'];
    expect(partitions.map((p) => p.name)).toEqual(names);
    const label = async (at: number) =>
      (
        await localHost.run([
          'blkid',
          '-p',
          '-o',
          'value',
          '-s',
          'LABEL',
          (opened[at] as unknown as { device: string }).device,
        ])
      ).stdout.trim();
    expect([await label(0), await label(1)]).toEqual(['root', 'boot']);
  });

  test('has the deployment of the seed with its origin and kernel arguments', async () => {
    const directory = await deployment();
    expect(await readFile(join(directory, 'usr/share/payload'))).toEqual(seed.payload);
    expect(await readFile(`${directory}.origin`, 'utf8')).toContain('refspec=test/base');
    const entries = join(root(), 'boot/loader/entries');
    const entry = await readFile(join(entries, (await readdir(entries))[0]!), 'utf8');
    expect(entry).toContain('mitigations=auto cgroup_no_v1="all" of.user=1');
    expect(entry).toContain('root=LABEL=root rw');
  });

  test("has the seed's etc and var, without what was deleted", async () => {
    const directory = await deployment();
    expect(await readFile(join(directory, 'etc/hosts'), 'utf8')).toBe('of the seed');
    expect((await stat(join(directory, 'etc/two words'))).mode & 0o777).toBe(0o640);
    expect(await readdir(join(directory, 'etc'))).not.toContain('gone');
    expect(await readFile(join(stateroot(), 'var/lib/etcd/member/snap/db'), 'utf8')).toBe('etcd data');
    expect(await readdir(join(stateroot(), 'var/home/core'))).toEqual(['with blank']);
  });

  test('has an identity of its own', async () => {
    const id = await readFile(join(await deployment(), 'etc/machine-id'), 'utf8');
    expect(id).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}\n$/);
    await expect(stat(join(stateroot(), 'var/lib/systemd/random-seed'))).rejects.toThrow('ENOENT');
    await expect(stat(join(stateroot(), 'var/lib/dbus/machine-id'))).rejects.toThrow('ENOENT');
  });

  test('has the images in the store that its containerd reads', async () => {
    const store = await openPrivateContainerd(localHost, {
      root: join(base, 'containers/containerd'),
      workDirectory: join(base, 'containerd-work'),
    });
    const found = (await store.list()).flatMap((image) => image.tags);
    await store.close();
    expect(found.sort()).toEqual([...images].sort());
  });

  test('is complete, bootable, and free of work files', async () => {
    expect(JSON.parse(await readFile(join(root(), 'ostree/lca-ibi.json'), 'utf8')).state).toBe('complete');
    expect(await readdir(join(root(), 'ostree'))).not.toContain('lca-ibi');
    expect(await readdir(root())).toContain('post-was-here');
    const disk = await open(device);
    const sector = Buffer.alloc(512);
    await disk.read(sector, 0, 512, 0);
    const { partitions } = await readPartitionTable(localHost, device);
    expect(sector.readBigUInt64LE(0x5c)).toBe(BigInt(partitions[0]!.start));
    expect(sector.readUInt16LE(510)).toBe(0xaa55);
    await disk.read(sector, 0, 512, partitions[0]!.start * 512);
    expect(sector.readBigUInt64LE(0x1f4)).toBe(BigInt(partitions[0]!.start + 1));
    await disk.close();
  });

  test('was told in stages', () => {
    expect(output).toContain('set up stateroot');
    expect(output).toMatch(/pulled registry\./);
  });
});

describe('a refusal leaves the disk as it was', () => {
  let disk: { file: string; device: string };

  beforeEach(async () => {
    disk = await attachDisk(base, 64 * 1024 * 1024, randomBytes(8 * 1024 * 1024));
    return async () => {
      await detach(disk.device);
      await rm(disk.file);
    };
  });

  async function refused(config: Record<string, unknown>, words: RegExp): Promise<void> {
    const before = await digestFile(disk.file);
    const valid = {
      seedImage,
      seedVersion: seed.version,
      installationDisk: disk.device,
      extraPartitionStart: '-16M',
    };
    const { code, output } = await install({ ...valid, ...config });
    expect(output).toMatch(words);
    expect(output).toContain('hint: ');
    expect(code).toBe(1);
    expect(await digestFile(disk.file)).toBe(before);
    expect(await leftovers(disk.device)).toBe('');
  }

  const altered = async (
    change: (directory: string) => Promise<void>,
    architecture?: string,
  ): Promise<string> => {
    const directory = join(base, `altered-${name()}`);
    await localHost.run(['cp', '-a', seed.directory, directory]);
    await change(directory);
    return pushSeed(registry, { ...seed, directory }, architecture);
  };

  test('an unknown field', () =>
    refused({ skipDiskCleanUp: true }, /skipDiskCleanUp: unknown field.*skipDiskCleanup/));
  test('a missing field', () => refused({ seedVersion: undefined }, /seedVersion: is required/));
  test('a wrong version', () =>
    refused({ seedVersion: '4.0.0' }, /seedVersion: is 4\.0\.0, but the seed is/));
  test('a missing device', () => refused({ installationDisk: `/dev/${name()}` }, /is not a block device/));
  test('a file instead of a device', () => refused({ installationDisk: disk.file }, /is not a block device/));
  test('a disk that is too small', () => refused({}, /the root partition would have/));
  test('an extra partition larger than the disk', () =>
    refused({ extraPartitionStart: '-40G' }, /does not lie on a disk/));
  test('a seed that is not in the registry', () =>
    refused({ seedImage: `${registry.alias}/none:1` }, /could not read image/));
  test('an image that is no seed', () => refused({ seedImage: images[0] }, /is not a seed image/));

  test('a label of another partition', () =>
    refused({ extraPartitionLabel: 'other' }, /extraPartitionLabel: is other, but the seed mounts/));

  test('a seed for another architecture', async () => {
    const other = ARCHITECTURE === 'amd64' ? 'arm64' : 'amd64';
    // skopeo picks by platform only in lists, so the registry answers with the image as it is.
    await refused({ seedImage: await altered(async () => {}, other) }, /is for a[rm]/);
  });

  test('a seed of another format', async () => {
    const layout = join(base, `old-${name()}`);
    const config = { Labels: { [SEED_FORMAT_LABEL]: '3' } };
    const tar = writeTar([]);
    await writeOciImage(
      {
        layers: [{ tar, compression: 'gzip' }],
        architecture: ARCHITECTURE,
        created: '2024-01-01T00:00:00Z',
        config,
        reference: 'x',
      },
      localLayout(layout),
    );
    const repository = `seeds/${name()}:1`;
    await pushLayout(layout, `${registry.address}/${repository}`);
    await refused({ seedImage: `${registry.alias}/${repository}` }, /has the seed format 3/);
  });

  test('a seed whose description is not usable', async () => {
    const broken = await altered((directory) =>
      writeFile(
        join(directory, SEED_MEMBERS.clusterInfo),
        renderSeedClusterInfo(clusterInfo(seed.version, { node_ips: ['no ip'] })),
      ),
    );
    await refused({ seedImage: broken }, /node_ips/);
  });

  test('a post script that can not be run', async () => {
    const work = join(base, `work-${name()}`);
    await mkdir(work);
    await writeFile(join(work, 'post.sh'), '#!/bin/sh\n', { mode: 0o644 });
    const before = await digestFile(disk.file);
    const { code, output } = await install(
      { seedImage, seedVersion: seed.version, installationDisk: disk.device },
      work,
    );
    expect(output).toMatch(/has no execute permission/);
    expect([code, await digestFile(disk.file)]).toEqual([1, before]);
  });

  test('a disk in use', async () => {
    await localHost.run(['mkfs.ext4', '-q', '-F', disk.device]);
    const at = join(base, `used-${name()}`);
    await mount(localHost, disk.device, at, ['ro']);
    try {
      await refused({}, /is in use, it is mounted at/);
    } finally {
      await localHost.run(['umount', at]);
    }
  });
});

test('a seed with a damaged archive fails, is not bootable and leaves nothing open', async () => {
  const directory = join(base, `damaged-${name()}`);
  await localHost.run(['cp', '-a', seed.directory, directory]);
  const archive = join(directory, SEED_MEMBERS.var);
  await truncate(archive, Math.floor((await stat(archive)).size / 2));
  const damaged = await pushSeed(registry, { ...seed, directory });
  const { device } = await attachDisk(base, 3 * GIB);
  try {
    const config = {
      seedImage: damaged,
      seedVersion: seed.version,
      installationDisk: device,
      extraPartitionStart: '-1G',
    };
    const { code, output } = await install(config);
    expect(code).toBe(1);
    expect(output).toMatch(/gzip data is damaged/);
    expect(await leftovers(device)).toBe('');
    const disk = await open(device);
    const bootCode = Buffer.alloc(440);
    await disk.read(bootCode, 0, 440, 0);
    await disk.close();
    expect(bootCode.every((byte) => byte === 0)).toBe(true);
    // another seed is not mixed with what is there, and is installed when that is given up
    const other = { ...config, seedImage, precacheDisabled: true };
    const refused = await install(other);
    expect(refused.output).toMatch(/unfinished installation of another seed.*\n.*--start-over/);
    const again = await install(other, undefined, '--start-over');
    expect(again.code, again.output).toBe(0);
  } finally {
    await detach(device);
  }
});

test('what a killed run has left mounted and attached does not stand in the way', async () => {
  const { device } = await attachDisk(base, 3 * GIB);
  try {
    const config = {
      seedImage,
      seedVersion: seed.version,
      installationDisk: device,
      extraPartitionStart: '-1G',
    };
    const first = await install({ ...config, precacheDisabled: true });
    expect(first.code, first.output).toBe(0);
    const root = await openPartition(localHost, device, 'root');
    await mount(localHost, root.device, `/run/lca-ibi/${device.split('/').at(-1)}/root`);
    const second = await install({ ...config, precacheDisabled: true });
    expect(second.code, second.output).toBe(0);
    expect(await leftovers(device)).toBe('');
  } finally {
    await detach(device);
  }
});
