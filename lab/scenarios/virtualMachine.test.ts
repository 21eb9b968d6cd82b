import { beforeAll, expect, test } from 'vitest';
import { cloneSeed } from '../clone/clone.ts';
import type { CloneOutcome } from '../clone/member.ts';
import { gatherInventory } from '../inventory.ts';
import { readConsole, runningMachine } from '../machines.ts';
import { upSeed } from '../seed.ts';
import { tearDown } from '../tearDown.ts';
import { Timeline } from '../timeline.ts';
import { wantedClone } from '../wantedClone.ts';
import { findLeftovers, gatherKernelState, type KernelState } from './kernelState.ts';
import { say, toldStages, useScenario } from './scenario.ts';

/**
 * The whole way through BIOS, boot loaders, kernels and Ignition: an installation ISO boots, installs an empty disk, and
 * the disk boots. Emulated, so it takes minutes: it is part of a full run (SOWER_FULL).
 */
const scenario = useScenario();
const wanted = wantedClone({}, []);
let before: KernelState;
let outcome: CloneOutcome;

beforeAll(async () => {
  const { lab, products, executables } = scenario();
  before = await gatherKernelState(lab);
  const timeline = new Timeline(toldStages);
  await upSeed(lab, products, timeline);
  outcome = await cloneSeed(lab, { products, executables, wanted, driver: 'qemu' }, timeline);
  say(
    `in all ${timeline.elapsed().toFixed(1)} s; ISO to /readyz ${outcome.configurationSeconds.toFixed(1)} s`,
  );
});

test('every line of the table "seed against clone" is as it should be', () => {
  expect(outcome.rows.filter(({ ok }) => !ok)).toEqual([]);
  expect(outcome.rows.length).toBeGreaterThan(20);
});

test('first the disc booted, with what was embedded in it, and then the disk through its own boot loader', async () => {
  const text = await readConsole(scenario().lab, wanted.clusterName);
  const order = [
    /Booting from DVD\/CD/,
    /ISOLINUX/,
    /Command line: .*ignition\.platform\.id=metal/,
    /ignition\[\d+\]: .*writing unit "install-rhcos-and-restore-seed\.service"/,
    /installed .*; the disk is ready to boot/,
    /Booting from Hard Disk/,
    /Command line: .*root=LABEL=root .*ostree=\/ostree\//,
  ].map((pattern) => text.search(pattern));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('the clone runs on a kernel of its own, from the deployment that was installed', async () => {
  const { lab } = scenario();
  const { host } = await runningMachine(lab, wanted.clusterName);
  const release = async (from: Pick<typeof lab.host, 'run'>) => (await from.run(['uname', '-r'])).stdout;
  expect(await release(host)).not.toBe(await release(lab.host));
  const { stdout } = await host.run(['ostree', 'admin', 'status']);
  expect(stdout).toMatch(/^\* rhcos_/m);
});

test('after "down" this machine holds what it held before, and nothing of the lab', async () => {
  const { lab } = scenario();
  await tearDown(lab);
  expect(await findLeftovers(lab, before)).toEqual([]);
  expect(Object.values(await gatherInventory(lab)).flat()).toEqual([]);
});
