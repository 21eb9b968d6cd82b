import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const STAND_IN = readFileSync(join(import.meta.dirname, 'bootstrapStandIn.sh'), 'utf8');

/** Stand-ins of programs that only some scripts call, as files of the machine. */
export const standInsFor = (...programs: readonly string[]): Record<string, string> =>
  Object.fromEntries(programs.map((name) => [`/usr/local/bin/${name}`, STAND_IN]));

/** Where a test's own script lies that calls a script of the machine with arguments, or looks at what it did. */
export const TEST_SCRIPT = '/usr/local/bin/test-script.sh';

/** A test's own script. Unlike those of the machine it is trusted: whatever fails in it fails the test. */
export const testScript = (...lines: readonly string[]): Record<string, string> => ({
  [TEST_SCRIPT]: ['#!/usr/bin/bash', 'set -euo pipefail', ...lines, ''].join('\n'),
});
