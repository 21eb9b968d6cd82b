import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';

/**
 * The root of the source checkout: the lab's recipes (overlay files, C and Go sources, package lists) lie there.
 * The single executable finds it from its own place, `dist/` of a checkout.
 */
export function checkoutRoot(): string {
  const here = import.meta.dirname;
  const root = here === '' ? join(dirname(realpathSync(process.execPath)), '..') : join(here, '..');
  if (!existsSync(join(root, 'lab', 'build', 'overlay'))) {
    throw new Failure({
      code: 'lab/no-checkout',
      message: `the lab's recipes are not in ${root}`,
      hint: 'run the lab from a source checkout of Sower: ./demo, or dist/sower where npm run build put it',
    });
  }
  return root;
}

/** A file or folder of the lab's recipes, as an absolute path. */
export const recipeFile = (name: string): string => join(checkoutRoot(), 'lab', 'build', name);
