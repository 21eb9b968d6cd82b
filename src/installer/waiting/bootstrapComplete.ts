import { Failure } from '#base/failure.ts';
import { error, info } from '#base/logger.ts';
import { waitForApi } from './apiServer.ts';
import { type BootstrapKnowledge, waitForBootstrapStatus } from './bootstrapStatus.ts';
import { tellOperators } from './clusterOperators.ts';
import { waitForEtcdMemberRemoval } from './etcdMember.ts';
import type { Waiting } from './watchedCluster.ts';

/** Which failures are told how; upstream begins them with these words. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  'installer/api-absent':
    'Failed waiting for Kubernetes API. The bootstrap machine did not bring up its temporary control plane: look at its journal, of release-image.service and bootkube.service first.',
  'installer/bootstrap-incomplete':
    'Failed to wait for bootstrapping to complete. The temporary control plane works, but the machines of the control plane did not take over: look whether they started, got their configuration and reach the API.',
};

/** The bootstrap machine did not do its work; the exit code of the program depends on it. */
export const BOOTSTRAP_FAILED = 'installer/bootstrap-failed';

/**
 * Waits until the control plane needs the bootstrap machine no longer (spec/installer/07.3).
 * @throws Failure installer/bootstrap-failed
 */
export async function waitForBootstrap(waiting: Waiting, known: BootstrapKnowledge): Promise<void> {
  const { logger, cluster } = waiting;
  try {
    await waitForApi(waiting);
    await waitForBootstrapStatus(waiting, known);
    await waitForEtcdMemberRemoval(waiting);
  } catch (cause) {
    const explanation = cause instanceof Failure ? EXPLANATIONS[cause.code] : undefined;
    if (explanation === undefined) throw cause;
    await tellOperators(cluster, logger);
    info(logger, 'Use the following commands to gather logs from the cluster');
    info(logger, 'openshift-install gather bootstrap --help');
    error(logger, `Bootstrap failed to complete: ${(cause as Failure).message}`);
    throw new Failure({ code: BOOTSTRAP_FAILED, message: explanation });
  }
  info(logger, 'It is now safe to remove the bootstrap resources');
}
