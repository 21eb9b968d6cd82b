import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { error, info, type Logger } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import { tellOperators } from './clusterOperators.ts';
import { waitForInitialization } from './clusterVersion.ts';
import { findConsole } from './consoleRoute.ts';
import { trustRouters } from './routerTrust.ts';
import { waitForStableOperators } from './stableOperators.ts';
import type { Stages } from './stages.ts';
import type { Waiting } from './watchedCluster.ts';

const TROUBLESHOOTING =
  'https://docs.openshift.com/container-platform/latest/support/troubleshooting/troubleshooting-installations.html';
const PASSWORD = 'auth/kubeadmin-password';
/** Relative to the target directory. */
export const KUBECONFIG = 'auth/kubeconfig';

/** The cluster did not come up; the exit code of the program depends on it. */
export const INSTALL_FAILED = 'installer/install-failed';

/** What waiting for the end of an installation needs beside the cluster. */
export interface InstallDirectory {
  /** Absolute. */
  readonly root: string;
  readonly files: Files;
  readonly isBareMetal: boolean;
  readonly skipsPassword: boolean;
}

/**
 * Waits until the cluster can be used, and says how (spec/installer/07.4).
 * @throws Failure installer/install-failed, installer/operators-unstable
 */
export async function waitForInstall(
  waiting: Waiting,
  directory: InstallDirectory,
  stages: Stages,
): Promise<void> {
  const { cluster, logger } = waiting;
  try {
    await stages.time('Cluster Operators Available', () =>
      waitForInitialization(waiting, directory.isBareMetal),
    );
    await trustRouters(cluster, directory.files, join(directory.root, KUBECONFIG));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    await tellOperators(cluster, logger);
    error(
      logger,
      `The cluster was not installed completely: some of its operators do not work as they should.\nIts API can be used to look for the reason, as is described in\n${TROUBLESHOOTING}`,
    );
    throw new Failure({ code: INSTALL_FAILED, message: cause.message });
  }
  await stages.time('Cluster Operators Stable', () => waitForStableOperators(waiting));
  tellAccess(logger, directory, await findConsole(waiting), await readPassword(directory));
}

async function readPassword({ root, files, skipsPassword }: InstallDirectory): Promise<string | undefined> {
  if (skipsPassword) return undefined;
  return (await files.readIfExists(join(root, PASSWORD)))?.toString('utf8').trim();
}

function tellAccess(logger: Logger, { root }: InstallDirectory, console?: string, password?: string): void {
  info(logger, 'Install complete!');
  info(
    logger,
    `To use the cluster with oc as system:admin, run\n    export KUBECONFIG=${join(root, KUBECONFIG)}`,
  );
  if (console === undefined) return;
  info(logger, `Access the OpenShift web-console here: ${console}`);
  info(
    logger,
    password === undefined
      ? `Credentials omitted, if necessary verify the ${join(root, PASSWORD)} file`
      : `Login to the console with user: "kubeadmin", and password: "${password}"`,
  );
}
