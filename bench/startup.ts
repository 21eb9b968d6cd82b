import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Median wall milliseconds of a command over `rounds` runs. */
export function medianMilliseconds(argv: readonly string[], rounds: number): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const result = spawnSync(argv[0]!, argv.slice(1), { stdio: 'ignore' });
    if (result.status !== 0) throw new Error(`${argv.join(' ')} failed with ${result.status}`);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

export const megabytes = (path: string): number => statSync(path).size / 1e6;
