import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { findBootDeployment } from '#machines/deployment.ts';
import { mountDisk, unmountDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { putFile } from '#machines/putFile.ts';
import { machineFolder } from '#machines/site.ts';
import { cloneSeed } from '../clone/clone.ts';
import type { CloneOutcome } from '../clone/member.ts';
import { installFromSeedImage } from '../install.ts';
import { gatherInventory, isEmpty } from '../inventory.ts';
import { runningMachine } from '../machines.ts';
import { LAB_NETWORK } from '../network.ts';
import { networkHost } from '../networkHost.ts';
import { findRegistry } from '../registry.ts';
import { scanClone } from '../secretScanner/command.ts';
import { upSeed } from '../seed.ts';
import { putCreateCommand } from '../seedImage.ts';
import { readSeedRecord, SEED, seedDisk } from '../seedRecord.ts';
import { tearDown } from '../tearDown.ts';
import { Timeline } from '../timeline.ts';
import { wantedClone } from '../wantedClone.ts';
import { pushAlteredSeed } from './alteredSeed.ts';
import { findLeftovers, gatherKernelState, type KernelState } from './kernelState.ts';
import { killCreate } from './killedCreate.ts';
import { say, toldStages, useScenario } from './scenario.ts';
import { StageWatch, toAll } from './stageWatch.ts';

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
const REACHES_NOBODY = [7, 28]; // curl: no route or refused, or no answer in time

const scenario = useScenario();
const wanted = wantedClone({}, []);
const CLONE = wanted.clusterName;
let before: KernelState;
let seedKey: string;
let outcome: CloneOutcome;

/** What this machine holds of the seed while the target is installed. */
const seedDuringInstall = new StageWatch('install', async () => {
  const { lab } = scenario();
  const folder = machineFolder(lab.site, SEED);
  const [loops, mounts] = await Promise.all([
    lab.host.run(['losetup', '--associated', seedDisk(lab)]),
    lab.host.files.readText('/proc/self/mounts'),
  ]);
  return {
    loops: loops.stdout.trim(),
    mounts: mounts.split('\n').filter((line) => line.includes(` ${folder}`)),
    hasFolder: await lab.host.files.exists(folder),
  };
});
const routesDuringInstall = new StageWatch('install', () => routesOf(networkHost(scenario().lab)));
const routesDuringConfiguration = new StageWatch('clone: configured, API ready', () =>
  routesOf(networkHost(scenario().lab)),
);

beforeAll(async () => {
  const { lab, products, executables } = scenario();
  before = await gatherKernelState(lab);
  const watches = [seedDuringInstall, routesDuringInstall, routesDuringConfiguration];
  const timeline = new Timeline(toAll(toldStages, ...watches));
  await upSeed(lab, products, timeline);
  seedKey = await readAnyKey(await rootOf(SEED));
  outcome = await cloneSeed(lab, { products, executables, wanted, beforeSeedImage: killFirst }, timeline);
  say(
    `in all ${timeline.elapsed().toFixed(1)} s; ISO to /readyz ${outcome.configurationSeconds.toFixed(1)} s`,
  );
});

/** The image is made by the second run of `create`: everything below is true of what a killed run has left, too. */
async function killFirst(seed: Machine): Promise<void> {
  const { lab, executables } = scenario();
  const { identity } = await readSeedRecord(lab);
  const killedAt = await killCreate(seed, await putCreateCommand(lab, seed, { identity, executables }));
  say(`"lca-cli create" was killed at: ${killedAt ?? 'nothing, it was through before'}`);
}

test('every line of the table "seed against clone" is as it should be', () => {
  expect(outcome.rows.filter(({ ok }) => !ok)).toEqual([]);
  const expectations = new Set(outcome.rows.map(({ expected }) => expected));
  expect([...expectations].sort()).toEqual(['different', 'none', 'refused', 'same', 'there']);
});

test('while the target is installed nothing holds the disk of the seed, and its work folder is gone', async () => {
  const seen = await seedDuringInstall.seen();
  expect(seen.length).toBeGreaterThan(2);
  for (const now of seen) expect(now).toEqual({ loops: '', mounts: [], hasFolder: false });
});

test('the target was installed from the image by its digest', async () => {
  const { lab } = scenario();
  expect(outcome.image.pullSpec).toMatch(/@sha256:[0-9a-f]{64}$/);
  const record = await lab.host.files.readText(`${sysrootOf(CLONE)}/ostree/lca-ibi.json`);
  expect(JSON.parse(record)).toMatchObject({ state: 'complete', seedImage: outcome.image.pullSpec });
  const log = await lab.host.files.readText(`${lab.folder}/logs/ibi-${CLONE}.log`);
  expect(log).toContain(`pulling seed image ${outcome.image.pullSpec}"`);
});

test('the hosts have no Node, and the executable runs on them all the same', async () => {
  const content = await scenario().lab.host.files.read(`${scenario().executables}/sower`);
  const names = ['-name', 'node', '-o', '-name', 'nodejs', '-o', '-name', 'libnode*'];
  const find = ['find', '/usr', '/opt/', '-type', 'f', '(', ...names, ')'];
  for (const name of [SEED, CLONE]) {
    const { host } = await machine(name);
    expect((await host.run(find, { okCodes: [0, 1] })).stdout).toBe('');
    await putFile(host, { path: '/run/sower/looked-at', content, mode: 0o755 });
    const { stdout } = await host.run(['/run/sower/looked-at', 'lca-cli', '--help']);
    expect(stdout).toContain('post-pivot');
    await host.run(['rm', '/run/sower/looked-at']);
  }
});

describe('nothing but the lab is reachable', () => {
  test('there was no way out during the clone', async () => {
    for (const watch of [routesDuringInstall, routesDuringConfiguration]) {
      const seen = await watch.seen();
      expect(seen.length).toBeGreaterThan(1);
      for (const routes of seen) expect(routes).toEqual([LAB_NETWORK.subnet]);
    }
  });

  test('neither the hosts nor what runs in their network reach this machine by any of its addresses', async () => {
    const { lab } = scenario();
    const listener = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    const connect = async (from: Pick<typeof lab.host, 'run'>, address: string): Promise<number> => {
      const argv = ['curl', '--silent', '--max-time', '2', `telnet://${address}:${port}`];
      return (await from.run(argv, { okCodes: ANY_CODE, input: '' })).code;
    };
    try {
      expect(await connect(lab.host, '127.0.0.1')).toBe(0); // the question itself works
      const inside = [networkHost(lab), (await machine(SEED)).host, (await machine(CLONE)).host];
      for (const address of [...own, '192.0.2.1']) {
        for (const host of inside) expect(REACHES_NOBODY).toContain(await connect(host, address));
      }
    } finally {
      listener.close();
    }
  });

  test('the only neighbours of every host are addresses of the lab', async () => {
    const { lab } = scenario();
    const { identity } = await readSeedRecord(lab);
    const addresses = [LAB_NETWORK.gateway, identity.nodeIp, wanted.nodeIp];
    for (const name of [SEED, CLONE]) {
      const { host } = await machine(name);
      const { stdout } = await host.run(['ip', '-4', '-json', 'neigh', 'show', 'dev', 'host0']);
      const neighbours = (JSON.parse(stdout) as { dst: string }[]).map(({ dst }) => dst);
      expect(neighbours.filter((address) => !addresses.includes(address))).toEqual([]);
      expect(neighbours).not.toEqual([]);
    }
  });
});

test('a key of the seed planted in a copy of the clone is found, and nothing else is', async () => {
  const { lab } = scenario();
  const { root, varFolder } = await findBootDeployment(lab.host, sysrootOf(CLONE));
  const work = `${lab.folder}/work/planted`;
  await lab.host.files.makeDirectory(work, 0o700);
  await lab.host.run(['cp', '--archive', `${root}/etc`, `${work}/etc`]);
  await lab.host.run(['cp', '--archive', varFolder, `${work}/var`]);
  const word = randomBytes(4).toString('hex');
  const [kubeconfig, archive] = [`${work}/etc/kubernetes/${word}`, `${work}/var/lib/${word}.gz`];
  const users = [{ name: word, user: { 'client-key-data': Buffer.from(seedKey).toString('base64') } }];
  await lab.host.files.write(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users }));
  await lab.host.files.write(archive, gzipSync(seedKey));
  const lists = ['seed.json', `installed-${CLONE}.json`].map((list) => `${lab.folder}/proof/${list}`);
  const { leftOvers } = scanClone({ secrets: lists, trees: [`${work}/etc`, `${work}/var`], exclude: [] });
  const privateKeys = leftOvers.filter(({ kind }) => kind === 'private-key');
  expect(new Set(privateKeys.map(({ path, encoding }) => `${path} ${encoding.split(' > ')[0]}`))).toEqual(
    new Set([`${kubeconfig} base64`, `${archive} gzip`]),
  );
  expect(new Set(leftOvers.map(({ path }) => path))).toEqual(new Set([kubeconfig, archive]));
  await lab.host.files.remove(work);
});

test('a seed image that is altered in one file alters what is installed', async () => {
  const { lab, products, executables } = scenario();
  const registry = await findRegistry(lab);
  if (registry === undefined) throw new Error('the registry has ended');
  const { pullSpec, alterations } = await pushAlteredSeed(lab, registry, outcome.image.pullSpec);
  const [name, folder] = ['altered', `${lab.folder}/work/altered-disk`];
  const disk = `${lab.folder}/disks/${name}.img`;
  const seedVersion = (await readSeedRecord(lab)).identity.releaseVersion;
  await installFromSeedImage(lab, products, { name, disk, seedImage: pullSpec, seedVersion, executables });
  try {
    const { sysroot } = await mountDisk(lab.host, disk, folder);
    const { root, varFolder } = await findBootDeployment(lab.host, sysroot);
    expect(alterations.map(({ path }) => path.split('/')[0])).toEqual(['etc', 'var']);
    for (const { path, original, altered } of alterations) {
      say(`altered: ${path}`);
      const place = path.replace(/^etc\//, `${root}/etc/`).replace(/^var\//, `${varFolder}/`);
      const installed = await lab.host.files.readText(place);
      expect(installed).toBe(altered);
      expect(installed).not.toBe(original);
    }
  } finally {
    await unmountDisk(lab.host, disk, folder);
  }
});

test('after "down" this machine holds what it held before, and nothing of the lab', async () => {
  const { lab } = scenario();
  expect(isEmpty(await gatherInventory(lab))).toBe(false);
  await tearDown(lab);
  expect(await findLeftovers(lab, before)).toEqual([]);
  expect(Object.values(await gatherInventory(lab)).flat()).toEqual([]);
  expect(await lab.host.files.exists(lab.folder)).toBe(false);
});

const machine = (name: string): Promise<Machine> => runningMachine(scenario().lab, name);
const sysrootOf = (name: string): string => `${machineFolder(scenario().lab.site, name)}/sysroot`;
const rootOf = async (name: string): Promise<string> =>
  (await findBootDeployment(scenario().lab.host, sysrootOf(name))).root;

/** Destinations of all routes, IPv4 and IPv6, but for the links' own. */
async function routesOf({ run }: Pick<Machine['host'], 'run'>): Promise<string[]> {
  const answers = await Promise.all(
    ['-4', '-6'].map((family) => run(['ip', family, '-json', 'route', 'show'])),
  );
  const routes = answers.flatMap(({ stdout }) => JSON.parse(stdout || '[]') as { dst: string }[]);
  return routes.map(({ dst }) => dst).filter((dst) => !dst.startsWith('fe80:'));
}

/** One of the private keys that the cluster has on this root, as PEM. */
async function readAnyKey(root: string): Promise<string> {
  const { host } = scenario().lab;
  const { stdout } = await host.run(['find', `${root}/etc/kubernetes`, '-name', '*.key', '-size', '+0']);
  const files = stdout.trim().split('\n');
  const file = files[randomInt(files.length)] ?? '';
  say(`one of ${files.length} keys of the seed: ${file.slice(root.length)}`);
  return host.files.readText(file);
}
