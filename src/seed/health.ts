import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import type { SeedContext } from './context.ts';

/** A named condition that the seed cluster must meet (lifecycle-agent 5.5, step 1). */
interface HealthCheck {
  readonly name: string;
  readonly kind: ObjectKind;
  /** Why the objects of that kind are not as they should be; empty when they are. */
  reasons(objects: readonly KubernetesObject[]): string[];
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

const conditionsOf = (object: KubernetesObject): readonly Condition[] =>
  (object['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? [];

const hasCondition = (object: KubernetesObject, type: string, status = 'True'): boolean =>
  conditionsOf(object).some((c) => c.type === type && c.status === status);

const nameOf = (object: KubernetesObject): string => object.metadata.name ?? '';

const HEALTH_CHECKS: readonly HealthCheck[] = [
  {
    name: 'node',
    kind: { apiVersion: 'v1', kind: 'Node' },
    reasons: (nodes) => [
      ...(nodes.length === 1 ? [] : [`the cluster has ${nodes.length} nodes instead of one`]),
      ...nodes
        .filter((node) => !hasCondition(node, 'Ready'))
        .map((node) => `node ${nameOf(node)} is not ready`),
      ...nodes
        .filter((node) => hasCondition(node, 'NetworkUnavailable'))
        .map((node) => `the network of node ${nameOf(node)} is unavailable`),
    ],
  },
  {
    name: 'cluster operators',
    kind: { apiVersion: 'config.openshift.io/v1', kind: 'ClusterOperator' },
    reasons: (operators) =>
      operators.flatMap((operator) => {
        const wrong = [
          ...(hasCondition(operator, 'Available') ? [] : ['not available']),
          ...(hasCondition(operator, 'Progressing') ? ['progressing'] : []),
          ...(hasCondition(operator, 'Degraded') ? ['degraded'] : []),
        ];
        return wrong.length === 0 ? [] : [`operator ${nameOf(operator)} is ${wrong.join(', ')}`];
      }),
  },
  {
    name: 'machine config pools',
    kind: { apiVersion: 'machineconfiguration.openshift.io/v1', kind: 'MachineConfigPool' },
    reasons: (pools) =>
      pools.flatMap((pool) => {
        const status = (pool['status'] ?? {}) as { machineCount?: number; readyMachineCount?: number };
        const { machineCount = 0, readyMachineCount = 0 } = status;
        if (machineCount === readyMachineCount) return [];
        return [`pool ${nameOf(pool)} has ${readyMachineCount} of ${machineCount} machines ready`];
      }),
  },
  {
    name: 'SR-IOV networks',
    kind: { apiVersion: 'sriovnetwork.openshift.io/v1', kind: 'SriovNetworkNodeState' },
    reasons: (states) =>
      states.length === 0
        ? ['there is no state of any node']
        : states
            .filter((s) => (s['status'] as { syncStatus?: string } | undefined)?.syncStatus !== 'Succeeded')
            .map((s) => `the state of node ${nameOf(s)} has not succeeded`),
  },
  {
    name: 'cluster service versions',
    kind: { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'ClusterServiceVersion' },
    reasons: (versions) =>
      versions
        .filter((version) => !nameOf(version).includes('lifecycle-agent'))
        .filter((version) => (version['status'] as { phase?: string } | undefined)?.phase !== 'Succeeded')
        .map((version) => `${version.metadata.namespace}/${nameOf(version)} has not succeeded`),
  },
  {
    name: 'certificate signing requests',
    kind: { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' },
    reasons: (requests) =>
      requests.filter((r) => !hasCondition(r, 'Approved')).map((r) => `request ${nameOf(r)} is not approved`),
  },
];

/** Everything that is not as it should be, as `check: reason`; kinds that the cluster does not have pass. */
export async function findHealthProblems(api: KubernetesApi): Promise<string[]> {
  const found: string[] = [];
  for (const check of HEALTH_CHECKS) {
    if ((await api.findResource(check.kind)) === undefined) continue;
    const reasons = check.reasons(await api.list(check.kind));
    found.push(...reasons.map((reason) => `${check.name}: ${reason}`));
  }
  return found;
}

const LIMIT_SECONDS = 300;
const EVERY_SECONDS = 2;

/** Waits until the cluster is healthy; Failure `seed/cluster-not-healthy` with all reasons after five minutes. */
export async function waitForHealth(context: SeedContext, api: KubernetesApi): Promise<void> {
  const deadline = context.clock() + LIMIT_SECONDS;
  let told = '';
  for (;;) {
    const problems = await findHealthProblems(api);
    if (problems.length === 0) return;
    const text = problems.join('; ');
    if (text !== told) info(context.logger, `waiting for the cluster to be healthy: ${text}`);
    told = text;
    if (context.clock() > deadline) {
      throw new Failure({
        code: 'seed/cluster-not-healthy',
        message: `the cluster is not healthy after ${LIMIT_SECONDS} s: ${text}`,
        hint: 'a seed must come from a healthy cluster: repair it and run the command again; nothing was changed',
        facts: { problems },
      });
    }
    await sleep(EVERY_SECONDS * 1000);
  }
}
