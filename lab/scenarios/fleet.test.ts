import { beforeAll, expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import { attachLoopDevice, detachDevicesOf } from '#machines/loopDevices.ts';
import { cloneFleet, type MemberEnd } from '../clone/fleet.ts';
import { removeClone } from '../clone/removeClone.ts';
import { makeSource } from '../clone/source.ts';
import { gatherInventory } from '../inventory.ts';
import { describeLab } from '../machines.ts';
import { upSeed } from '../seed.ts';
import { SEED } from '../seedRecord.ts';
import { cloneDisk, readLabState } from '../state.ts';
import { tearDown } from '../tearDown.ts';
import { Timeline } from '../timeline.ts';
import { wantedFleet } from '../wantedClone.ts';
import { findLeftovers, gatherKernelState, type KernelState } from './kernelState.ts';
import { say, toldStages, useScenario } from './scenario.ts';

/** Three clones from one seed image at the same time, one of which can't be installed. Part of a full run (SOWER_FULL). */
const scenario = useScenario();
const GOOD = ['of-1', 'of-2'];
const BLOCKED = 'of-3';
const DISK_BYTES = 1024 ** 3;

let before: KernelState;
let ends: readonly MemberEnd[];

beforeAll(async () => {
  const { lab, products, executables } = scenario();
  before = await gatherKernelState(lab);
  const timeline = new Timeline(toldStages);
  const seed = await upSeed(lab, products, timeline);
  const taken = (await readLabState(lab))!.machines.map(({ address }) => address);
  const source = await makeSource(lab, { products, executables }, timeline);
  expect(await seed.isRunning()).toBe(true);
  const blocked = cloneDisk(lab, BLOCKED);
  await createEmptyDisk(lab.host, blocked, DISK_BYTES);
  await attachLoopDevice(lab.host, blocked);
  const members = wantedFleet({ name: 'of' }, GOOD.length + 1, taken).map((wanted) => ({
    wanted,
    timeline: new Timeline(toldStages),
  }));
  ends = await cloneFleet(lab, source, members, { timeline });
  await detachDevicesOf(lab.host, (file) => file === blocked);
  say(`in all ${timeline.elapsed().toFixed(1)} s`);
});

test('one that fails says why and does not stop the others', () => {
  const [first, second, third] = ends;
  for (const end of [first, second]) {
    expect(end?.error).toBeUndefined();
    expect(end?.outcome?.rows.filter(({ ok }) => !ok)).toEqual([]);
  }
  expect(third?.error).toBeInstanceOf(Failure);
  expect(third?.error).toMatchObject({ code: 'machines/disk-in-use' });
});

test('all clones that came through are up beside the seed, at addresses of their own', async () => {
  const { machines } = await describeLab(scenario().lab);
  expect(machines.map(({ name, running, api }) => [name, running, api]).toSorted()).toEqual(
    [SEED, ...GOOD].map((name) => [name, true, 'ok']).toSorted(),
  );
  expect(new Set(machines.map(({ address }) => address)).size).toBe(machines.length);
});

test('nothing of identity or keys is common to two clones of one image', () => {
  const [first, second] = ends.map(({ outcome }) => outcome?.rows ?? []);
  const own = first!.filter(({ expected }) => expected === 'different');
  expect(own.length).toBeGreaterThan(20);
  const shared = own.filter(({ what, clone }) => {
    const other = second!.find((row) => row.what === what);
    return clone !== '-' && other?.clone === clone;
  });
  expect(shared).toEqual([]);
});

test('each clone has a log of its own, with its stages and every line of its comparison or the reason', async () => {
  const { lab } = scenario();
  const logOf = (name: string) => lab.host.files.readText(`${lab.folder}/logs/clone-${name}.log`);
  for (const [index, name] of GOOD.entries()) {
    const log = await logOf(name);
    expect(log).toMatch(/\tinstall\tdone/);
    expect(log.match(/^ok\t/gm)).toHaveLength(ends[index]!.outcome!.rows.length);
    expect(await lab.host.files.exists(`${lab.folder}/logs/ibi-${name}.log`)).toBe(true);
  }
  expect(await logOf(BLOCKED)).toMatch(/\tinstall\tfailed[\s\S]*\nfailed: .*is attached as/);
});

test('a clone that is removed is gone, and the others stay', async () => {
  const { lab } = scenario();
  const [gone, kept] = GOOD as [string, string];
  await removeClone(lab, gone);
  const { machines, inventory } = await describeLab(lab);
  const names = machines.filter(({ running }) => running).map(({ name }) => name);
  expect(names.toSorted()).toEqual([SEED, kept].toSorted());
  expect(await lab.host.files.exists(cloneDisk(lab, gone))).toBe(false);
  expect(inventory.mounts.filter((mount) => mount.includes(`/${gone}/`))).toEqual([]);
  expect(inventory.loopDevices.filter(({ backingFile }) => backingFile.includes(gone))).toEqual([]);
});

test('after "down" this machine holds what it held before, and nothing of the lab', async () => {
  const { lab } = scenario();
  await tearDown(lab);
  expect(await findLeftovers(lab, before)).toEqual([]);
  expect(Object.values(await gatherInventory(lab)).flat()).toEqual([]);
});
