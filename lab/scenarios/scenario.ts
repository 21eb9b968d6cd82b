import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { localHost } from '#system/localHost.ts';
import { buildLab, type LabProducts } from '../build/all.ts';
import { collectDiagnostics } from '../diagnostics.ts';
import { obtainExecutables } from '../executable.ts';
import { type Lab, openLab } from '../lab.ts';
import { tearDown } from '../tearDown.ts';
import type { TimelineObserver } from '../timeline.ts';

/** A lab for the tests of one file, with everything it is made of. */
export interface Scenario {
  readonly lab: Lab;
  /** `SOWER_STATE` of this lab, for the built programs. */
  readonly stateFolder: string;
  readonly products: LabProducts;
  /** Folder of the built programs. */
  readonly executables: string;
}

/** Where what explains a failure goes: it has to outlive the lab. */
const DIAGNOSTICS = '/var/tmp/sower-failed-scenario-';

/**
 * Opens a lab before the tests of this file and takes it down after them, whatever happens in between; the first
 * failure leaves consoles, journals and logs in a folder that is printed. The answer may be called inside of tests.
 */
export function useScenario(): () => Scenario {
  let scenario: Scenario | undefined;
  const ended = { tests: 0, failed: 0 };
  beforeAll(async () => {
    scenario = await openScenario();
  });
  afterEach(async ({ task }) => {
    ended.tests++;
    if (task.result?.state !== 'fail') return;
    if (++ended.failed === 1 && scenario !== undefined) await keepDiagnostics(scenario);
  });
  afterAll(async () => {
    if (scenario === undefined) return;
    if (ended.tests === 0) await keepDiagnostics(scenario); // what was to come before the tests has failed
    await closeScenario(scenario);
  });
  return () => {
    if (scenario === undefined) throw new Error('the lab is opened when the tests run');
    return scenario;
  };
}

/** A second lab beside that of the file; whoever opens it closes it. */
export async function openScenario(): Promise<Scenario> {
  const stateFolder = await mkdtemp('/var/tmp/sower-scenario-');
  const name = `scn-${randomBytes(3).toString('hex')}`;
  const products = await buildLab();
  const executables = await obtainExecutables(localHost, () => say('building the programs'));
  return { lab: openLab(localHost, { name, stateFolder }), stateFolder, products, executables };
}

export async function closeScenario({ lab, stateFolder }: Scenario): Promise<void> {
  await tearDown(lab);
  await rm(stateFolder, { recursive: true });
}

/** Past vitest, which would put a heading above every line. */
export const say = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** Tells every stage with its time when it has ended. */
export const toldStages: TimelineObserver = {
  onStart: () => {},
  onEnd: ({ name, seconds, outcome, note }) =>
    say(`${seconds.toFixed(1).padStart(6)} s  ${name} (${outcome}) ${note}`),
};

async function keepDiagnostics({ lab }: Scenario): Promise<void> {
  const folder = await mkdtemp(DIAGNOSTICS);
  const collected = await collectDiagnostics(lab, new Date()).catch((error: Error) => {
    say(`no diagnostics of the machines: ${error.message}`);
    return undefined;
  });
  const proof = `${lab.folder}/proof`;
  const reports = (await lab.host.files.exists(proof)) ? await lab.host.files.list(proof) : [];
  const sources = [
    ...(collected === undefined ? [] : [collected]),
    `${lab.folder}/logs`,
    ...reports.filter((name) => name.startsWith('report-')).map((name) => `${proof}/${name}`),
  ];
  for (const source of sources) {
    if (!(await lab.host.files.exists(source))) continue;
    await localHost.run(['cp', '--archive', source, `${folder}/${basename(source)}`]);
  }
  say(`${lab.name} failed: consoles, journals and logs are in ${folder}`);
}
