import { error, info, type Logger } from '#base/logger.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import { type Condition, conditionsOf, findCondition } from './conditions.ts';
import type { WatchedCluster } from './watchedCluster.ts';

const KIND = { apiVersion: 'config.openshift.io/v1', kind: 'ClusterOperator' };
const STABLE_MILLISECONDS = 30_000;

/** All operators of the cluster. @throws Failure while the API is away */
export const listOperators = ({ api }: WatchedCluster): Promise<KubernetesObject[]> => api.list(KIND);

/** Names of the operators that still change something, or stopped only just now. */
export const unstableOperators = (operators: readonly KubernetesObject[], now: Date): string[] =>
  operators.filter((operator) => !isStable(operator, now)).map(({ metadata }) => metadata.name ?? '');

function isStable(operator: KubernetesObject, now: Date): boolean {
  const progressing = findCondition(operator, 'Progressing');
  if (progressing?.status !== 'False') return false;
  const since = Date.parse(progressing.lastTransitionTime ?? '');
  return now.getTime() - since > STABLE_MILLISECONDS;
}

/** Tells what is not as it should be with the operators, which is where to look first when an installation failed. */
export async function tellOperators(cluster: WatchedCluster, logger: Logger): Promise<void> {
  const operators = await listOperators(cluster).catch((cause: unknown) => {
    if (!(cause instanceof Error)) throw cause;
    error(logger, `Attempted to gather ClusterOperator status after the failure: ${cause.message}`);
    return [];
  });
  for (const operator of operators) {
    for (const condition of conditionsOf(operator).filter(isNoteworthy)) {
      const { type, status, reason = '', message = '' } = condition;
      const tell = type === 'Available' || type === 'Degraded' ? error : info;
      tell(
        logger,
        `Cluster operator ${operator.metadata.name} ${type} is ${status} with ${reason}: ${message}`,
      );
    }
  }
}

/** Available is good if it holds, Degraded and Progressing if they do not; whether it can be upgraded comes later. */
function isNoteworthy({ type, status }: Condition): boolean {
  if (type === 'Upgradeable') return false;
  if (type === 'Available') return status !== 'True';
  return !((type === 'Degraded' || type === 'Progressing') && status === 'False');
}
