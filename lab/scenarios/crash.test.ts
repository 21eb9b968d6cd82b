import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { localHost } from '#system/localHost.ts';
import { gatherInventory } from '../inventory.ts';
import { findLeftovers, findNewEntries, gatherKernelState, type KernelState } from './kernelState.ts';
import { say, useScenario } from './scenario.ts';

const scenario = useScenario();
let before: KernelState;
beforeAll(async () => {
  before = await gatherKernelState(scenario().lab);
});

/** `sower lab up` as a person starts it, and what it prints, line by line. */
function startUp(): { program: ChildProcess; lines: AsyncIterable<string> } {
  const { executables, lab, stateFolder } = scenario();
  const program = spawn(`${executables}/sower`, ['lab', 'up', '--lab', lab.name], {
    env: { ...process.env, SOWER_STATE: stateFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { program, lines: createInterface({ input: program.stdout }) };
}

/** Reads on until a line matches. */
async function readUntil(lines: AsyncIterable<string>, pattern: RegExp): Promise<void> {
  for await (const line of lines) if (pattern.test(line)) return;
  throw new Error(`"sower lab up" ended without a line that matches ${pattern}`);
}

async function killHard(program: ChildProcess): Promise<void> {
  const ended = once(program, 'exit');
  program.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
}

async function down(): Promise<void> {
  const { executables, lab, stateFolder } = scenario();
  await localHost.run([`${executables}/sower`, 'lab', 'down', '--lab', lab.name], {
    env: { SOWER_STATE: stateFolder },
  });
}

async function expectNothingLeft(): Promise<void> {
  const { lab } = scenario();
  expect(await findLeftovers(lab, before)).toEqual([]);
  expect(Object.values(await gatherInventory(lab)).flat()).toEqual([]);
  expect(await localHost.files.exists(lab.folder)).toBe(false);
}

test('"up" killed at a random moment leaves nothing after "down"', async () => {
  const { program, lines } = startUp();
  await readUntil(lines, /operating-system/); // the last line about the cache: from here on the lab is made
  const milliseconds = randomInt(15_000);
  say(`killed ${milliseconds} ms after its beginning`);
  await sleep(milliseconds);
  await killHard(program);
  await down();
  await expectNothingLeft();
});

test('the same lab comes up again, and killed with its machine running leaves nothing either', async () => {
  const { lab } = scenario();
  const { program, lines } = startUp();
  await readUntil(lines, /✓ seed: boot /);
  await killHard(program);
  const held = await gatherInventory(lab);
  expect(held.processes.map(({ command }) => command)).toContain('systemd-nspawn');
  expect(held.loopDevices.length).toBeGreaterThan(0);
  const added = (await findNewEntries(lab, before)).join('\n');
  for (const kind of ['loop device', 'mount', 'network namespace', 'control group', 'namespace pid:']) {
    expect(added).toContain(kind);
  }
  await down();
  await expectNothingLeft();
});
