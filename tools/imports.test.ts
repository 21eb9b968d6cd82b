import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkImports } from './imports.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rooms-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function breachesOf(path: string, text: string): string[] {
  const checkout = mkdtempSync(join(root, 'checkout-'));
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return checkImports(checkout).breaches;
}

test('imports go downwards only', () => {
  expect(breachesOf('src/pki/a.ts', "import { x } from '#formats/der.ts';\n")).toEqual([]);
  expect(breachesOf('src/formats/a.ts', "import { x } from '#pki/keys.ts';\n")).toHaveLength(1);
});

test('stories do not import each other, not even lazily or over several lines', () => {
  expect(breachesOf('src/ibi/a.ts', "import {\n  x,\n} from '#seed/run.ts';\n")).toHaveLength(1);
  // Put together, because the check reads this file too.
  expect(breachesOf('src/ibi/a.ts', `const x = await import(${"'#seed/run.ts'"});\n`)).toHaveLength(1);
});

test('only some rooms touch the world', () => {
  expect(breachesOf('src/recert/a.ts', "import { readFile } from 'node:fs/promises';\n")).toHaveLength(1);
  expect(breachesOf('src/system/a.ts', "import { readFile } from 'node:fs/promises';\n")).toEqual([]);
});

test('relative imports stay in the room, private files too, drawers are refused', () => {
  expect(breachesOf('src/ibi/a.ts', "import { x } from '../api/b.ts';\n")).toHaveLength(1);
  expect(breachesOf('src/ibi/a.ts', "import { x } from '#api/_b.ts';\n")).toHaveLength(1);
  expect(breachesOf('src/ibi/a.ts', '')).toEqual([]);
  expect(breachesOf('src/ibi/utils.ts', '')).toHaveLength(1);
});
