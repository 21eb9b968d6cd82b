import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import type { KubernetesObject, ObjectKind, ObjectName } from '#system/kubernetesApi.ts';
import type { ConnectedContext } from './context.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const MACHINE_CONFIG = 'machineconfiguration.openshift.io/v1';
const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
const POD = { apiVersion: 'v1', kind: 'Pod' };

/** Leftovers of the hub and of the installation that no clone may have (lifecycle-agent 5.5, 7). */
const LEFTOVERS: readonly (ObjectKind & ObjectName)[] = [
  { ...NAMESPACE, name: 'assisted-installer' },
  { apiVersion: RBAC, kind: 'ClusterRole', name: 'klusterlet' },
  { apiVersion: RBAC, kind: 'ClusterRole', name: 'klusterlet-bootstrap-kubeconfig' },
  {
    apiVersion: RBAC,
    kind: 'ClusterRole',
    name: 'open-cluster-management:klusterlet-admin-aggregate-clusterrole',
  },
  { apiVersion: RBAC, kind: 'ClusterRoleBinding', name: 'klusterlet' },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: 'openshift-monitoring',
    name: 'observability-alertmanager-accessor',
  },
];

const TRIES = 90;
const EVERY_SECONDS = 10;

/**
 * Removes from the cluster what belongs to its hub, its installation and its past. Definitions before namespaces, whose
 * deletion would wait for their objects (OCPBUGS-44851). Failure `seed/clean-up-timeout`.
 */
export async function cleanCluster(context: ConnectedContext): Promise<void> {
  await removeAll(context, DEFINITION, (name) => name.endsWith('.open-cluster-management.io'));
  await removeAll(context, NAMESPACE, (name) => name.startsWith('open-cluster-management-agent'));
  for (const { apiVersion, kind, ...name } of LEFTOVERS) await remove(context, { apiVersion, kind }, name);
  for (const phase of ['Succeeded', 'Failed']) await removePods(context, phase);
  await removeUnusedMachineConfigs(context);
}

async function removeAll(
  context: ConnectedContext,
  kind: ObjectKind,
  isWanted: (name: string) => boolean,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const names = (await context.api.list(kind)).map(nameOf).filter(isWanted);
    if (names.length === 0) return;
    if (tries === 0) for (const name of names) await remove(context, kind, { name });
    if (tries === TRIES) throw tooSlow(kind, names);
    await sleep(EVERY_SECONDS * 1000 * context.pace);
  }
}

async function remove({ api, logger }: ConnectedContext, kind: ObjectKind, name: ObjectName): Promise<void> {
  if (await api.delete(kind, name)) info(logger, `removed ${kind.kind} ${name.name}`);
}

async function removePods(context: ConnectedContext, phase: string): Promise<void> {
  for (const pod of await context.api.list(POD)) {
    if ((pod['status'] as { phase?: string } | undefined)?.phase !== phase) continue;
    const { namespace = 'default' } = pod.metadata;
    await remove(context, POD, { namespace, name: nameOf(pod) });
  }
}

/** Rendered for an earlier state of the cluster. */
async function removeUnusedMachineConfigs(context: ConnectedContext): Promise<void> {
  const { api } = context;
  const kind = { apiVersion: MACHINE_CONFIG, kind: 'MachineConfig' };
  const poolKind = { apiVersion: MACHINE_CONFIG, kind: 'MachineConfigPool' };
  if ((await api.findResource(kind)) === undefined || (await api.findResource(poolKind)) === undefined)
    return;
  const pools = await api.list(poolKind);
  const used = new Set(pools.flatMap(configurationsOf));
  if (used.size === 0) return; // a pool says nothing yet: then nothing is known to be unused
  const unused = (await api.list(kind)).map(nameOf).filter((n) => n.startsWith('rendered') && !used.has(n));
  for (const name of unused) await remove(context, kind, { name });
}

function configurationsOf(pool: KubernetesObject): string[] {
  const part = (field: string): string[] => {
    const value = pool[field] as { configuration?: { name?: string } } | undefined;
    return value?.configuration?.name === undefined ? [] : [value.configuration.name];
  };
  return [...part('spec'), ...part('status')];
}

const nameOf = ({ metadata }: KubernetesObject): string => metadata.name ?? '';

const tooSlow = (kind: ObjectKind, names: readonly string[]): Failure =>
  new Failure({
    code: 'seed/clean-up-timeout',
    message: `${kind.kind} ${names.join(', ')} is still there after ${(TRIES * EVERY_SECONDS) / 60} minutes`,
    hint: 'find what keeps it (finalizers), remove that and make the SeedGenerator anew',
  });
