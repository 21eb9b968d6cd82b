import { Failure } from '#base/failure.ts';
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
  /** Of lca-cli. */
  readonly toolVersion: string;
  /** Digest of configuration and seed. */
  readonly input: string;
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

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);

/** The user's own script, with the mounted target in `TARGET_ROOT`; its failure fails the installation. */
export async function runPostScript(context: IbiContext, target: Target): Promise<void> {
  const { host, paths, logger } = context;
  if (!(await host.files.exists(paths.postScript))) return;
  info(logger, `running ${paths.postScript}`);
  const hasInterpreter = (await host.files.read(paths.postScript)).subarray(0, 2).toString('latin1') === '#!';
  const argv = hasInterpreter ? [paths.postScript] : ['bash', paths.postScript];
  const { code, stdout, stderr } = await host.run(argv, {
    cwd: '/',
    env: { TARGET_ROOT: target.rootMount },
    okCodes: ANY_CODE,
  });
  for (const line of `${stdout}\n${stderr}`.split('\n').filter((l) => l.trim() !== ''))
    info(logger, `post script: ${line}`);
  if (code === 0) return;
  // Its output stays in the log: it may hold what must not go into a result.
  throw new Failure({
    code: 'ibi/post-script-failed',
    message: `${paths.postScript} ended with exit code ${code}`,
    hint: 'its output is in the log; correct the script and run the command again',
  });
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
