import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openshiftInstallMain } from '#cli/openshiftInstall.ts';
import { parseState, STATE_FILE } from '#installer/stateFile.ts';
import { listFiles, readContract, writeTree } from './contractCase.ts';
import { recordingIo } from './recordingIo.ts';

/** Other moments: SEED=1 vitest run --project tools tests/cli/killed-runs.test.ts */
const SEED = Number(process.env['SEED'] ?? 20_261_120);
/** All that the bar asks for: KILLS=50 vitest run --project tools tests/cli/killed-runs.test.ts */
const KILLS = Number(process.env['KILLS'] ?? 20);
const MAIN = join(import.meta.dirname, '../../bin/main.ts');
const FOREIGN = { 'notes.txt': 'mine\n' };

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-killed-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

interface Command {
  readonly argv: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  /** Those of them that it does not read. */
  readonly spared: readonly string[];
  /** How often it is killed. */
  readonly kills: number;
}

/** Runs the command as a process of its own and kills it after a while; true if it had ended before. */
async function killAfter(milliseconds: number, { argv }: Command, cwd: string): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, 'openshift-install', ...argv], { cwd, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([ended, sleep(milliseconds)]);
  child.kill('SIGKILL');
  const [code] = (await ended) as [number | null];
  if (code !== null) expect(code).toBe(0);
  return code !== null;
}

async function run({ argv }: Command, cwd: string): Promise<{ code: number; stderr: string }> {
  const io = recordingIo({ cwd });
  const code = await openshiftInstallMain(argv, io);
  return { code, stderr: io.stderrText() };
}

/** Every input is where it was, or its content is in the state: in both cases octet by octet. */
async function expectNothingLost({ inputs }: Command, cwd: string): Promise<void> {
  const text = await readFile(join(cwd, STATE_FILE), 'utf8').catch(() => undefined);
  const { consumed } = parseState(text, STATE_FILE);
  for (const [path, content] of Object.entries(inputs)) {
    const there = await readFile(join(cwd, path), 'utf8').catch(() => undefined);
    expect(there ?? Buffer.from(consumed[path] ?? '', 'base64').toString(), path).toBe(content);
  }
}

/** Kills it at random moments of the time that it takes, each in a directory of its own, two at a time. */
async function expectToSurviveKills(command: Command): Promise<void> {
  const whole = join(root, 'whole');
  await writeTree(whole, { ...command.inputs, ...FOREIGN });
  const start = performance.now();
  expect(await killAfter(60_000, command, whole)).toBe(true);
  const duration = performance.now() - start;
  const expected = await listFiles(whole);
  expect(expected.filter((path) => Object.hasOwn(command.inputs, path))).toEqual(command.spared);
  const moments = fc.sample(fc.double({ min: 0.2, max: 1, noNaN: true }), {
    seed: SEED,
    numRuns: command.kills,
  });
  let interrupted = 0;
  const killOne = async (moment: number, index: number): Promise<void> => {
    const cwd = join(root, String(index));
    await writeTree(cwd, { ...command.inputs, ...FOREIGN });
    if (!(await killAfter(moment * duration, command, cwd))) interrupted++;
    await expectNothingLost(command, cwd);
    const again = await run(command, cwd);
    expect(again, `seed ${SEED}, kill ${index} at ${moment}`).toMatchObject({ code: 0 });
    expect(await listFiles(cwd)).toEqual(expected);
    await rm(cwd, { recursive: true });
  };
  for (let i = 0; i < moments.length; i += 2)
    await Promise.all([i, i + 1].map((index) => killOne(moments[index]!, index)));
  expect(interrupted).toBeGreaterThan(0);
}

describe('a run that is killed at any moment', () => {
  it('is finished by the same command: create config-image', { timeout: 300_000 }, async () => {
    const { in: inputs } = await readContract('ibi-config-image-full');
    const argv = ['image-based', 'create', 'config-image'];
    await expectToSurviveKills({ argv, inputs, spared: ['extra-manifests/ignored.txt'], kills: KILLS * 0.7 });
  });

  it('is finished by the same command: create ignition-configs', { timeout: 300_000 }, async () => {
    const { in: inputs } = await readContract('none-sno-min');
    await expectToSurviveKills({
      ...{ argv: ['create', 'ignition-configs'], inputs, spared: [] },
      kills: KILLS * 0.3,
    });
  });
});
