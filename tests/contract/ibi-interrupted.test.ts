import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseIbiResult } from '#api/ibiResult.ts';
import { openPartition } from '#system/disk.ts';
import { localHost } from '#system/localHost.ts';
import { mount } from '#system/mounts.ts';
import { ostree } from '#system/ostree.ts';
import { openPrivateContainerd } from '#system/privateContainerd.ts';
import { type FaultyRegistry, stall, startFaultyRegistry } from './faultyRegistry.ts';
import { attachDisk, labelsOf, seedLayer } from './ibiFixture.ts';
import {
  makeSyntheticSeed,
  name,
  pushSmallImage,
  type SyntheticSeed,
  scratch,
  startRegistry,
  type TestRegistry,
} from './seedFixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const GIB = 1024 ** 3;

let base: string;
let images: string[];
let imageRegistry: TestRegistry;
let seed: SyntheticSeed;
let layer: Buffer;
let labels: Record<string, string>;
let conf: string;

beforeAll(async () => {
  base = await scratch();
  imageRegistry = await startRegistry(base);
  images = [await pushSmallImage(imageRegistry, base), await pushSmallImage(imageRegistry, base)];
  seed = await makeSyntheticSeed(base, images);
  layer = await seedLayer(seed.directory);
  labels = await labelsOf(seed.directory);
});

afterAll(async () => {
  await imageRegistry.stop();
  await rm(base, { recursive: true, force: true });
});

let registry: FaultyRegistry;
let device: string;
let work: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  registry = await startFaultyRegistry(layer, labels);
  work = join(base, `work-${name()}`);
  await mkdir(work);
  conf = join(work, 'registries.conf');
  const own = `[[registry]]\nlocation = "${registry.address}"\ninsecure = true\n`;
  await writeFile(conf, own + (await readFile(imageRegistry.conf, 'utf8')));
  ({ device } = await attachDisk(work, 3 * GIB));
  await writeFile(join(work, 'post.sh'), '#!/bin/sh\necho run >> "$TARGET_ROOT/post-runs"\n');
  await chmod(join(work, 'post.sh'), 0o755);
});

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await registry.stop();
  const mounted = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  const own = mounted.filter((at) => at.startsWith(base) || at.startsWith(runDirectory()));
  for (const at of own.reverse()) await localHost.run(['umount', at], { okCodes: [0, 1, 32] });
  const loops = (
    await localHost.run(['losetup', '--list', '--noheadings', '--output=NAME', '--associated', device])
  ).stdout;
  for (const loop of loops.split('\n').filter((l) => l !== ''))
    await localHost.run(['losetup', '--detach', loop]);
  await localHost.run(['losetup', '--detach', device], { okCodes: [0, 1] });
  await rm(work, { recursive: true, force: true });
});

const runDirectory = (): string => `/run/lca-ibi/${device.split('/').at(-1)}`;
const workspace = (): string => `${runDirectory()}/root/ostree/lca-ibi`;

/** Starts lca-cli as a process of its own, which can be killed. */
function startIbi(more: Record<string, unknown> = {}): {
  output: () => string;
  ended: Promise<number | null>;
} {
  const config = {
    seedImage: `${registry.address}/seed:1`,
    seedVersion: seed.version,
    installationDisk: device,
    extraPartitionStart: '-1G',
    ...more,
  };
  const argv = ['lca-cli', 'ibi', '-f', join(work, 'config.json'), '--work-directory', work];
  let output = '';
  const ended = writeFile(join(work, 'config.json'), JSON.stringify(config)).then(async () => {
    const started = spawn(
      join(ROOT, 'node_modules/.bin/node'),
      [join(ROOT, 'bin/main.ts'), ...argv, '--result-file', join(work, 'result.json')],
      { env: { ...process.env, CONTAINERS_REGISTRIES_CONF: conf } },
    );
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8').replaceAll('\\"', '"');
      });
    }
    const [code] = (await once(started, 'close')) as [number | null];
    return code;
  });
  return { output: () => output, ended };
}

/** Kills the process as soon as it says something, or something else is true. */
async function killWhen(
  run: ReturnType<typeof startIbi>,
  when: (output: string) => boolean | Promise<boolean>,
) {
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  while (!(await when(run.output()))) {
    if (isOver) throw new Error(`it ended before it could be killed: ${run.output()}`);
    await sleep(5);
  }
  child?.kill('SIGKILL');
  await run.ended;
}

async function finish(more: Record<string, unknown> = {}): Promise<string> {
  const run = startIbi(more);
  expect(await run.ended, run.output()).toBe(0);
  return run.output();
}

/** The disk is what an installation without interruption makes. */
async function expectInstalled(): Promise<void> {
  const root = join(work, 'root');
  const containers = join(work, 'containers');
  const places = { root, boot: `${root}/boot`, 'var-lib-containers': containers };
  const opened: { close(): Promise<void> }[] = [];
  try {
    for (const [partition, at] of Object.entries(places)) {
      const part = await openPartition(localHost, device, partition);
      opened.push(part);
      await mount(localHost, part.device, at);
    }
    const deployments = await ostree(localHost, root).status();
    expect(deployments.map(({ checksum }) => checksum)).toEqual([seed.checksum]);
    await localHost.run(['ostree', `--repo=${root}/ostree/repo`, 'fsck', '--quiet']);
    const stateroot = join(root, 'ostree/deploy', deployments[0]!.osname);
    expect(await readFile(join(stateroot, 'var/lib/etcd/member/snap/db'), 'utf8')).toBe('etcd data');
    const etc = join(stateroot, 'deploy', `${seed.checksum}.${deployments[0]!.serial}`, 'etc');
    expect(await readFile(join(etc, 'hosts'), 'utf8')).toBe('of the seed');
    const record = JSON.parse(await readFile(join(root, 'ostree/lca-ibi.json'), 'utf8')) as { state: string };
    expect(record.state).toBe('complete');
    expect(await readdir(join(root, 'ostree'))).not.toContain('lca-ibi');
    expect(await readFile(join(root, 'post-runs'), 'utf8')).toBe('run\n');
    const store = await openPrivateContainerd(localHost, {
      root: join(containers, 'containerd'),
      workDirectory: join(work, 'containerd-work'),
    });
    const whole = await Promise.all(images.map((image) => store.exists(image)));
    await store.close();
    expect(whole).toEqual(images.map(() => true));
  } finally {
    for (const at of Object.values(places).reverse()) {
      await localHost.run(['umount', at], { okCodes: [0, 1, 32] });
    }
    for (const part of opened) await part.close();
  }
}

const result = async () => {
  const parsed = parseIbiResult(await readFile(join(work, 'result.json'), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.report));
  return parsed.value;
};

test('killed in the middle of the seed image: the next run asks for the rest of it', async () => {
  const half = Math.floor(layer.length / 2);
  registry.misbehaviour.layer = ({ response, content, from }) => {
    stall(response, content, from, half);
    return true;
  };
  const partSize = async () => {
    const names = await readdir(`${workspace()}/seed/blobs/sha256`).catch(() => []);
    const part = names.find((n) => n.endsWith('.part'));
    return part === undefined ? 0 : (await stat(`${workspace()}/seed/blobs/sha256/${part}`)).size;
  };
  await killWhen(startIbi(), async () => (await partSize()) === half);
  registry.misbehaviour = {};
  expect(await finish()).toContain('going on with it');
  expect(registry.asked).toEqual([0, half]);
  const { resumed, stages, outcome } = await result();
  expect([resumed, outcome]).toEqual([true, 'succeeded']);
  expect(stages.find(({ name }) => name === 'clean disk')?.outcome).toBe('already-done');
  await expectInstalled();
}, 240_000);

test.each([
  ['while the disk is partitioned', /step \d+\/\d+ "prepare disk"/],
  ['while the seed is unpacked', /unpacking the seed image/],
  ['when the stateroot is complete', /"set up stateroot": ran/],
  ['when the images are there', /"precache images": ran/],
  ['after the post script', /"run post script": ran/],
])(
  'killed %s: the next run finishes the work, and nothing is done twice',
  async (_, line) => {
    await killWhen(startIbi(), (output) => line.test(output));
    const output = await finish();
    for (const [, complete] of output.matchAll(/step "([^"]+)": already-done/g))
      expect(complete).not.toBe('');
    await expectInstalled();
  },
  120_000,
);

test('killed when the deployment is made and not filled: it is made again', async () => {
  const deployments = `${runDirectory()}/root/ostree/deploy/rhcos_${seed.version.replaceAll('-', '_')}/deploy`;
  await killWhen(startIbi(), async () =>
    (await readdir(deployments).catch(() => [])).some((entry) => entry.startsWith(seed.checksum)),
  );
  await finish();
  await expectInstalled();
}, 240_000);

test('after a restart of the machine nothing that was not synced counts', async () => {
  await killWhen(startIbi(), (output) => /unpacking the seed image/.test(output));
  await writeFile(`${workspace()}/boot-id`, 'of an earlier boot');
  // What a power cut leaves of a file that was never synced.
  const objects = `${runDirectory()}/root/ostree/repo/objects/${seed.checksum.slice(0, 2)}`;
  await mkdir(objects, { recursive: true });
  await writeFile(`${objects}/${seed.checksum.slice(2)}.commit`, '');
  await finish();
  await expectInstalled();
}, 240_000);

test('an unfinished installation is not mixed with another configuration', async () => {
  await killWhen(startIbi(), (output) => /"set up stateroot": ran/.test(output));
  const other = startIbi({ coreosInstallerArgs: ['--append-karg', 'a=b'] });
  expect(await other.ended).toBe(1);
  expect(other.output()).toMatch(/unfinished installation of another seed or configuration/);
  expect((await result()).failure).toMatchObject({ code: 'ibi/other-installation-unfinished' });
  await finish();
  await expectInstalled();
}, 240_000);
