import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { row, type Section } from './section.ts';

/** The least of several runs, in milliseconds; CPU of the process and its threads, in steps of ten. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

interface Candidate {
  readonly name: string;
  readonly argv: readonly string[];
  /** Input files of a fresh directory that each run gets; none: it needs no directory. */
  readonly inputs?: Readonly<Record<string, string>>;
}

const CONTRACTS = join(import.meta.dirname, '../tests/fixtures/contracts');
const TICK_MILLISECONDS = 10;

const ROUNDS = 20;

/** The bar, and what was recorded for the original on a machine with two cores: wall / processor. */
const BESIDE: Readonly<Record<string, string>> = {
  'node -e 0': 'floor of every start',
  '--help': 'bar 15 ms above the floor',
  version: 'bar 15 ms above the floor, the original 51 / 49 ms',
  'create manifests': 'bar 200 ms, the original 250 / 230 ms',
  'create ignition-configs': 'bar 1000 ms, the original 2250 / 1910 ms',
  'image-based create config-image': 'bar 400 ms, the original 1630 / 530 ms',
};

/** The installer's commands, by wall and processor time. */
export const installerSection: Section = {
  name: 'installer',
  title: `openshift-install, the least of ${ROUNDS} runs`,
  async run({ executables }) {
    const costs = measureInstaller(executables, ROUNDS);
    for (const [name, { wall, cpu }] of costs)
      row(name, `${wall.toFixed(0)} ms`, `${String(cpu).padStart(4)} ms of processor; ${BESIDE[name]}`);
  },
};

/**
 * Runs the installer's commands in turn, so that what else the machine does meets all of them alike, and keeps the
 * least cost of each. `folder` holds the built programs.
 */
function measureInstaller(folder: string, rounds: number): Map<string, Cost> {
  const work = mkdtempSync('/var/tmp/sower-bench-installer-');
  const least = new Map<string, Cost>();
  try {
    for (let round = 0; round < rounds; round++)
      for (const candidate of candidates(join(folder, 'openshift-install'))) {
        const cost = run(candidate, work);
        const { wall, cpu } = least.get(candidate.name) ?? cost;
        least.set(candidate.name, { wall: Math.min(wall, cost.wall), cpu: Math.min(cpu, cost.cpu) });
      }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return least;
}

function candidates(program: string): Candidate[] {
  const cluster = inputsOf('none-sno');
  return [
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
    { name: '--help', argv: [program, '--help'] },
    { name: 'version', argv: [program, 'version'] },
    { name: 'create manifests', argv: [program, 'create', 'manifests'], inputs: cluster },
    { name: 'create ignition-configs', argv: [program, 'create', 'ignition-configs'], inputs: cluster },
    {
      name: 'image-based create config-image',
      argv: [program, 'image-based', 'create', 'config-image'],
      inputs: inputsOf('ibi-config-image-min'),
    },
  ];
}

const inputsOf = (name: string): Readonly<Record<string, string>> =>
  (
    JSON.parse(readFileSync(join(CONTRACTS, `${name}.json`), 'utf8')) as {
      readonly in: Readonly<Record<string, string>>;
    }
  ).in;

function run({ name, argv, inputs }: Candidate, work: string): Cost {
  const cwd = join(work, 'dir');
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
  for (const [path, text] of Object.entries(inputs ?? {})) writeFileSync(join(cwd, path), text);
  const [cpuBefore, wallBefore] = [childrenTicks(), performance.now()];
  const result = spawnSync(argv[0]!, argv.slice(1), { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const wall = performance.now() - wallBefore;
  if (result.status !== 0) throw new Error(`${name} ended with ${result.status}: ${String(result.stderr)}`);
  return { wall, cpu: (childrenTicks() - cpuBefore) * TICK_MILLISECONDS };
}

/** User and system time of all children that have ended (proc(5), cutime and cstime). */
function childrenTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
