import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { row, type Section } from './section.ts';

const ROUNDS = 15;

/** The executable by itself: how long it takes to begin, and how large it is. */
export const startupSection: Section = {
  name: 'startup',
  title: 'the executable',
  async run({ executables }) {
    const node = medianMilliseconds([process.execPath, '-e', '0'], ROUNDS);
    row('node -e 0', `${node.toFixed(0)} ms`, 'floor of every start');
    for (const program of ['lca-cli', 'recert']) {
      const help = medianMilliseconds([join(executables, program), '--help'], ROUNDS);
      row(`${program} --help`, `${help.toFixed(0)} ms`, `+${(help - node).toFixed(0)} ms`);
    }
    row('size', `${megabytes(join(executables, 'sower')).toFixed(0)} MB`, '');
  },
};

/** Median wall milliseconds of a command over `rounds` runs. */
function medianMilliseconds(argv: readonly string[], rounds: number): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const result = spawnSync(argv[0]!, argv.slice(1), { stdio: 'ignore' });
    if (result.status !== 0) throw new Error(`${argv.join(' ')} failed with ${result.status}`);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

const megabytes = (path: string): number => statSync(path).size / 1e6;
