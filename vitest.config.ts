import { defineConfig } from 'vitest/config';

/** Emulated hosts and fleets take minutes: only in a full run, which is asked for. */
const MINUTES = ['lab/scenarios/virtualMachine.test.ts', 'lab/scenarios/fleet.test.ts'];
const tooLong = process.env['SOWER_FULL'] ? [] : MINUTES;

// Unit and golden tests share one process (no isolation: 6x less CPU, spec/stack-measurements 16);
// everything that starts real programs runs alone, one file at a time.
export default defineConfig({
  test: {
    reporters: ['default', './tools/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{bin,src,lab,tools}/**/*.test.ts'],
          exclude: ['lab/scenarios/**'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        test: {
          name: 'tools',
          include: ['tests/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'lab',
          include: ['lab/scenarios/**/*.test.ts'],
          exclude: tooLong,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
