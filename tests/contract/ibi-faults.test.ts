import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseIbiResult } from '#api/ibiResult.ts';
import { SEED_MEMBERS } from '#api/seedImage.ts';
import { gzipParallel } from '#formats/gzipParallel.ts';
import { writeTar } from '#formats/tar.ts';
import type { InstallationPlan } from '#ibi/plan.ts';
import { openUnpacker } from '#system/archives.ts';
import { localHost } from '#system/localHost.ts';
import { type FaultyRegistry, serve, startFaultyRegistry } from './faultyRegistry.ts';
import { attachDisk, detachDisk, labelsOf, lcaCli, leftovers, seedLayer } from './ibiFixture.ts';
import {
  makeSyntheticSeed,
  name,
  pushSmallImage,
  type SyntheticSeed,
  scratch,
  startRegistry,
  type TestRegistry,
} from './seedFixture.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

let base: string;
let imageRegistry: TestRegistry;
let images: string[];
let seed: SyntheticSeed;
let registry: FaultyRegistry;
let disk: { file: string; device: string };
let work: string;

beforeAll(async () => {
  base = await scratch();
  imageRegistry = await startRegistry(base);
  images = [await pushSmallImage(imageRegistry, base), await pushSmallImage(imageRegistry, base)];
  seed = await makeSyntheticSeed(base, images);
});

afterAll(async () => {
  await imageRegistry.stop();
  await rm(base, { recursive: true, force: true });
});

beforeEach(async () => {
  work = join(base, `work-${name()}`);
  await mkdir(work);
  disk = await attachDisk(work, 3 * GIB, Buffer.alloc(4096, 'x'));
  registry = await startFaultyRegistry(await seedLayer(seed.directory), await labelsOf(seed.directory));
});

afterEach(async () => {
  await registry.stop();
  await detachDisk(disk);
  await rm(work, { recursive: true });
});

/** Any write shows: the file is sparse, so it takes a block, or changes what stands at one of the ends. */
async function footprint(file: string): Promise<unknown> {
  const { blocks, size } = await stat(file);
  const handle = await open(file);
  const at = async (position: number) =>
    (await handle.read(Buffer.alloc(MIB), 0, MIB, position)).buffer.toString('latin1');
  try {
    return { blocks, first: await at(0), last: await at(size - MIB) };
  } finally {
    await handle.close();
  }
}

const resultFile = (): string => join(work, 'result.json');

/** Installs from the faulty registry, with little patience. */
async function install(config: Record<string, unknown> = {}, ...flags: string[]) {
  const conf = join(work, 'registries.conf');
  const own = `[[registry]]\nlocation = "${registry.address}"\ninsecure = true\n`;
  await writeFile(conf, own + (await readFile(imageRegistry.conf, 'utf8')));
  const whole = {
    seedImage: `${registry.address}/seed:1`,
    seedVersion: seed.version,
    installationDisk: disk.device,
    extraPartitionStart: '-1G',
    ...config,
  };
  const path = join(work, 'config.json');
  await writeFile(path, JSON.stringify(whole));
  const fixed = ['ibi', '-f', path, '--work-directory', work, '--result-file', resultFile()];
  const patience = ['--registry-attempts', '2', '--registry-timeout', '3'];
  const env = { ...process.env, CONTAINERS_REGISTRIES_CONF: conf };
  return lcaCli(base, [...fixed, ...patience, ...flags], env);
}

const readResult = async () => {
  const parsed = parseIbiResult(await readFile(resultFile(), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.report));
  return parsed.value;
};

describe('a registry that fails before the disk is touched', () => {
  const status = (code: number) => () => {
    registry.misbehaviour.anything = (_, response) => {
      response.writeHead(code).end();
      return true;
    };
  };
  test.each([
    ['refuses us', status(401), /does not let us read/],
    ['has no such image', status(404), /has no such image/],
    ['is busy', status(429), /too many requests/],
    ['fails', status(500), /answered 500/],
    [
      'stalls',
      () => {
        registry.misbehaviour.anything = () => true;
      },
      /sent nothing for 3 s/,
    ],
    [
      'cuts every connection',
      () => {
        registry.misbehaviour.anything = (request) => {
          request.socket.destroy();
          return true;
        };
      },
      /cut the connection/,
    ],
  ])('%s: a named failure with a hint, the disk as it was', async (_, misbehave, words) => {
    misbehave();
    const before = await footprint(disk.file);
    const { code, output } = await install();
    expect(code).toBe(1);
    expect(output).toMatch(words);
    const { outcome, failure } = await readResult();
    expect(outcome).toBe('failed');
    expect(failure?.code).toBe('system/image-unreadable');
    expect(failure?.hint).not.toBe('');
    expect(await footprint(disk.file)).toEqual(before);
    expect(await leftovers(disk.device)).toBe('');
  });
});

test('a blob that stays corrupt ends the installation; nothing stays open, and a good registry finishes it', async () => {
  registry.misbehaviour.layer = ({ response, content, from }) => {
    const damaged = Buffer.from(content);
    damaged[content.length - 1]! ^= 0xff;
    serve(response, damaged, from);
    return true;
  };
  const { code, output } = await install();
  expect(code).toBe(1);
  expect(output).toMatch(/served other bytes than those of sha256:/);
  const { failure, stages } = await readResult();
  expect(failure?.code).toBe('system/registry-blob-corrupt');
  expect(stages.at(-1)).toMatchObject({ name: 'fetch seed image', outcome: 'failed' });
  expect(await leftovers(disk.device)).toBe('');
  registry.misbehaviour = {};
  const again = await install();
  expect(again.code, again.output).toBe(0);
  expect((await readResult()).resumed).toBe(true);
});

test('a full disk is a failure of that name, and nothing stays open', async () => {
  const directory = join(base, `large-${name()}`);
  await localHost.run(['cp', '-a', seed.directory, directory]);
  // More files than a root of this size has inodes for: full, and quickly so.
  const files = Array.from({ length: 110_000 }, (_, at) => ({
    ...{ path: `var/lib/f${at}`, mode: 0o600, size: 0 },
    content: Readable.from([]),
  }));
  await pipeline(gzipParallel(writeTar(files)), createWriteStream(join(directory, SEED_MEMBERS.var)));
  await registry.stop();
  registry = await startFaultyRegistry(await seedLayer(directory), await labelsOf(directory));
  const small = await attachDisk(work, 1800 * MIB);
  try {
    const config = { installationDisk: small.device, useContainersFolder: true, precacheDisabled: true };
    const { code, output } = await install(config);
    expect(code).toBe(1);
    expect(output).toMatch(/the target disk is full/);
    expect(output).toMatch(/hint: use a larger disk/);
    expect((await readResult()).failure?.code).toBe('ibi/disk-full');
    expect(await leftovers(small.device)).toBe('');
  } finally {
    await detachDisk(small);
  }
}, 240_000);

describe('an archive of the seed', () => {
  const evil: readonly [string, (folder: string) => Promise<string[]>, string][] = [
    [
      'a device node',
      async (folder) => {
        await localHost.run(['mknod', join(folder, 'node'), 'c', '1', '3']);
        return ['node'];
      },
      'kind-refused',
    ],
    [
      'a path that leads out',
      async (folder) => {
        await writeFile(join(folder, '../outside'), 'x');
        return ['--absolute-names', '../outside'];
      },
      'path-refused',
    ],
    [
      'an absolute path',
      async (folder) => {
        await writeFile(join(folder, 'file'), 'x');
        return ['--absolute-names', join(folder, 'file')];
      },
      'path-refused',
    ],
    [
      'a hard link to an absolute path',
      async (folder) => {
        await writeFile(join(folder, 'file'), 'x');
        await link(join(folder, 'file'), join(folder, 'second'));
        return ['--absolute-names', '--transform=s,^.*/second$,second,Rh', join(folder, 'file'), 'second'];
      },
      'path-refused',
    ],
  ];
  test.each(evil)('with %s is refused, and nothing of it is unpacked', async (_, fill, code) => {
    const folder = join(work, 'evil/source');
    const target = join(work, 'evil/target');
    for (const made of [folder, target]) await mkdir(made, { recursive: true });
    const archive = join(work, 'evil.tgz');
    const argv = ['tar', '--create', '--gzip', `--file=${archive}`, `--directory=${folder}`];
    await localHost.run([...argv, ...(await fill(folder))]);
    const unpacker = await openUnpacker(localHost, work);
    const unpacking = unpacker.unpack(localHost.files.readStream(archive), target);
    await expect(unpacking).rejects.toMatchObject({ code: `formats/tar-${code}` });
    await unpacker.close();
    expect(await readdir(target)).toEqual([]);
  });
});

describe('the result', () => {
  let server: Server;
  let received: string[];
  let answer: number;
  const url = (): string =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/done?token=very-secret`;

  beforeEach(async () => {
    received = [];
    answer = 200;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      received.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(answer).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => void server.close());

  test('tells stages with times and bytes, is for root only, and is called back', async () => {
    const { code, output } = await install({}, '--callback-url', url());
    expect(code, output).toBe(0);
    const result = await readResult();
    expect(result).toMatchObject({ outcome: 'succeeded', resumed: false, seed_version: seed.version });
    expect(result.seed_digest).toMatch(/^sha256:/);
    expect(result.seed_image).toBe(`${registry.address}/seed@${result.seed_digest}`);
    expect(result.precache).toEqual({ total: 2, pulled: 2, failed: [] });
    const layer = await seedLayer(seed.directory);
    expect(result.stages.find((stage) => stage.name === 'fetch seed image')?.bytes).toBe(layer.length);
    expect(result.stages.every(({ seconds }) => seconds >= 0)).toBe(true);
    expect((await stat(resultFile())).mode & 0o777).toBe(0o600);
    expect(received).toEqual([await readFile(resultFile(), 'utf8')]);
    expect(output).not.toContain('very-secret');
    expect(output).toMatch(/seed image: 100 %, \d+ KiB of \d+ KiB/);
  });

  test('a call that is refused changes nothing about the outcome, and its URL is not told', async () => {
    answer = 503;
    registry.misbehaviour.anything = (_, response) => {
      response.writeHead(404).end();
      return true;
    };
    const { code, output } = await install({}, '--callback-url', url());
    expect(code).toBe(1);
    expect(received.length).toBeGreaterThan(1);
    expect((JSON.parse(received[0]!) as { failure: { code: string } }).failure.code).toBe(
      'system/image-unreadable',
    );
    expect(output).toMatch(/result could not be called back: 127\.0\.0\.1:\d+ answered 503/);
    expect(output).not.toContain('very-secret');
  }, 30_000);

  test('a URL that is none is refused at once', async () => {
    const { code, output } = await install({}, '--callback-url', 'ftp://very-secret/');
    expect([code, registry.requests]).toEqual([1, []]);
    expect(output).not.toContain('very-secret');
  });

  test('output of a failing post script stays out of it', async () => {
    await writeFile(join(work, 'post.sh'), '#!/bin/sh\necho very-secret >&2\nexit 3\n', { mode: 0o755 });
    const { code } = await install({ precacheDisabled: true }, '--callback-url', url());
    expect(code).toBe(1);
    expect((await readResult()).failure).toMatchObject({
      code: 'ibi/post-script-failed',
      message: expect.stringContaining('exit code 3'),
    });
    expect(received.join()).not.toContain('very-secret');
  });
});

describe('a dry run', () => {
  async function dryRun(...flags: string[]) {
    const before = await footprint(disk.file);
    const run = await install({}, '--dry-run', ...flags);
    expect(await footprint(disk.file)).toEqual(before);
    expect(await leftovers(disk.device)).toBe('');
    await expect(stat(resultFile())).rejects.toThrow('ENOENT');
    return run;
  }

  test('prints disk, partitions, images with their sizes and the seed, as JSON and nothing else', async () => {
    const { code, output } = await dryRun('--output', 'json');
    expect(code, output).toBe(0);
    const plan = JSON.parse(output) as InstallationPlan;
    const layer = await seedLayer(seed.directory);
    expect(plan.seed).toMatchObject({ version: seed.version, bytes: layer.length });
    expect(plan.disk).toMatchObject({ path: disk.device, bytes: 3 * GIB, resumes: false });
    const names = ['BIOS-BOOT', 'EFI-SYSTEM', 'boot', 'root', 'var-lib-containers'];
    expect(plan.disk.partitions.map((p) => p.name)).toEqual(names);
    expect(plan.disk.partitions.at(-1)).toMatchObject({ start: 2 * GIB, bytes: GIB });
    expect(plan.disk.cleanUp).toEqual([`wipefs --all --force ${disk.device}`]);
    expect(plan.precache.images?.map((image) => image.name)).toEqual(images);
    const sizes = plan.precache.images?.map((image) => image.bytes ?? 0) ?? [];
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(plan.precache.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test('prints the same for people', async () => {
    const { code, output } = await dryRun();
    expect(code, output).toBe(0);
    expect(output).toContain(`seed version  ${seed.version}`);
    expect(output).toMatch(/var-lib-containers +at 2048 MiB +1024 MiB/);
    for (const image of images) expect(output).toContain(image);
  });

  test('refuses what an installation would refuse', async () => {
    const { code, output } = await install({ seedVersion: '4.0.0' }, '--dry-run');
    expect(code).toBe(1);
    expect(output).toMatch(/seedVersion: is 4\.0\.0/);
  });
});

test('a disk that is too small for the seed is refused by its size, before it is touched', async () => {
  const small = await attachDisk(work, 1300 * MIB, Buffer.alloc(4096, 'y'));
  try {
    const { code, output } = await install({ installationDisk: small.device, useContainersFolder: true });
    expect(code).toBe(1);
    expect(output).toMatch(/the root partition would have \d+ MiB, the seed needs \d+ MiB/);
    const handle = await open(small.file);
    const { buffer } = await handle.read(Buffer.alloc(4096), 0, 4096, 0).finally(() => handle.close());
    expect(buffer).toEqual(Buffer.alloc(4096, 'y'));
  } finally {
    await detachDisk(small);
  }
});

test.each([
  [{ expectProxy: true }, /expectProxy: is true, but the seed's cluster has no proxy/],
  [{ expectFips: true }, /expectFips: is true, but the seed's cluster was installed without FIPS/],
  [{ coreosInstallerArgs: ['--append-karg', 'fips=1'] }, /change fips=1, but the seed's cluster/],
])('a seed that does not fit %j is refused', async (config, words) => {
  const { code, output } = await install(config);
  expect([code, registry.asked]).toEqual([1, []]);
  expect(output).toMatch(words);
});
