import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VERSION } from '#cli/version.ts';

it('the version of the programs is that of the package', async () => {
  const manifest = JSON.parse(
    await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'),
  ) as object;
  expect(manifest).toHaveProperty('version', VERSION);
});
