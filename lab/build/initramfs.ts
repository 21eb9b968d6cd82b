import { inTree } from './inTree.ts';
import { runLogged } from './loggedCommand.ts';
import { SOURCE_DATE } from './packages.ts';

export interface InitramfsPlan {
  readonly kernelVersion: string;
  /** dracut modules; those that they need come with them. */
  readonly modules: readonly string[];
  /** Kernel modules, for hardware that the building machine does not have. */
  readonly drivers: readonly string[];
  /** Where it is written to, inside the tree. */
  readonly file: string;
}

/** Lets the dracut of a tree make an initramfs for the tree's kernel. */
export async function makeInitramfs(log: string, tree: string, plan: InitramfsPlan): Promise<void> {
  const env = { SOURCE_DATE_EPOCH: SOURCE_DATE, TMPDIR: '/tmp' };
  const inside = (...argv: string[]) => runLogged(log, inTree(tree, argv), { env });
  await inside('depmod', plan.kernelVersion);
  await inside(
    ...['dracut', '--force', '--reproducible', '--no-hostonly', '--no-hostonly-cmdline'],
    ...['--compress', 'zstd -3 -T0', '--kver', plan.kernelVersion],
    ...['--modules', plan.modules.join(' '), '--drivers', plan.drivers.join(' ')],
    plan.file,
  );
}
