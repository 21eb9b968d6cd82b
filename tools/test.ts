import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** All tests: the fast gate, then the lab's parts into the cache, then vitest with this program's arguments. */
const ROOT = join(import.meta.dirname, '..');

const STEPS: readonly (readonly string[])[] = [
  ['tools/check.ts'],
  ['lab/build/main.ts'],
  ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
];

for (const step of STEPS) {
  const { status } = spawnSync(process.execPath, step, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = status ?? 1;
    break;
  }
}
