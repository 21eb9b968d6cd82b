import { info } from '#base/logger.ts';
import { deploymentName, ostree } from '#system/ostree.ts';
import type { IbiContext } from './context.ts';
import type { Stateroot } from './stateroot.ts';
import type { Target } from './target.ts';

/** Where the installed disk says what it was made from; below the physical root, so no deployment hides it. */
const RECORD = 'ostree/lca-ibi.json';

export interface InstallationRecord {
  readonly state: 'incomplete' | 'complete';
  /** By digest. */
  readonly seedImage: string;
  readonly seedVersion: string;
  /** RFC 3339. */
  readonly at: string;
}

/** An `incomplete` record stays behind when the installation is cut. */
export async function writeRecord(
  context: IbiContext,
  target: Target,
  record: Omit<InstallationRecord, 'at'>,
) {
  const path = `${target.rootMount}/${RECORD}`;
  await context.host.files.write(path, `${JSON.stringify({ ...record, at: context.now().toISOString() })}\n`);
}

/** The user's own script, with the mounted target in `TARGET_ROOT`; its failure fails the installation. */
export async function runPostScript(context: IbiContext, target: Target): Promise<void> {
  const { host, paths, logger } = context;
  if (!(await host.files.exists(paths.postScript))) return;
  info(logger, `running ${paths.postScript}`);
  const hasInterpreter = (await host.files.read(paths.postScript)).subarray(0, 2).toString('latin1') === '#!';
  const argv = hasInterpreter ? [paths.postScript] : ['bash', paths.postScript];
  await host.run(argv, { cwd: '/', env: { TARGET_ROOT: target.rootMount } });
}

/** Removes every deployment but ours and the stateroots they lived in, whatever their place in the list (D12). */
export async function removeOtherDeployments(
  context: IbiContext,
  target: Target,
  own: Stateroot,
): Promise<void> {
  const { host, logger } = context;
  const sysroot = ostree(host, target.rootMount);
  const others = (await sysroot.status()).filter((d) => d.osname !== own.osname);
  for (const other of others.reverse()) {
    info(logger, `removing deployment ${other.osname} ${deploymentName(other)}`);
    await sysroot.undeploy(other.index); // from the end, so that the other indexes stay
  }
  for (const osname of new Set(others.map((d) => d.osname))) {
    await host.files.remove(`${target.rootMount}/ostree/deploy/${osname}`);
  }
}
