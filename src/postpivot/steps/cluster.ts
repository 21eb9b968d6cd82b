import { Failure } from '#base/failure.ts';
import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import { systemd } from '#system/systemd.ts';
import { labelsToSet } from '../nodeLabels.ts';
import { note } from '../note.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { mustReplaceRegistry, registryOf, withRegistry } from '../releaseRegistry.ts';
import type { Configuration } from '../validate.ts';

const API_WAIT_SECONDS = 1800;
const NODE_WAIT_SECONDS = 300;

const NODE: ObjectKind = { apiVersion: 'v1', kind: 'Node' };
const CLUSTER_VERSION: ObjectKind = { apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion' };
const DIGEST_MIRRORS: ObjectKind = { apiVersion: 'config.openshift.io/v1', kind: 'ImageDigestMirrorSet' };
const CONTENT_SOURCES: ObjectKind = {
  apiVersion: 'operator.openshift.io/v1alpha1',
  kind: 'ImageContentSourcePolicy',
};
const CATALOGS: ObjectKind = { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'CatalogSource' };
const DEPLOYMENT: ObjectKind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const VERSION_OPERATOR = { namespace: 'openshift-cluster-version', name: 'cluster-version-operator' };

/** The seed's kubelet was disabled before its /etc was archived, so it starts here for the first time. */
export async function startKubelet(world: PostPivotWorld): Promise<void> {
  await systemd(world.host).reload(); // drop-ins were rewritten
  await systemd(world.host).enableNow('kubelet.service');
}

/** Failure `postpivot/api-not-ready` after half an hour; the original waits for ever. */
export async function waitForApi(world: PostPivotWorld, api: KubernetesApi): Promise<void> {
  const deadline = world.clock() + API_WAIT_SECONDS;
  while (world.clock() < deadline) {
    if (await api.isReady()) return;
    await world.sleep(0.5);
  }
  throw new Failure({
    code: 'postpivot/api-not-ready',
    message: `the API server did not get ready within ${API_WAIT_SECONDS} s`,
    hint: 'look at "journalctl -u kubelet" and at the logs of the static pods in /var/log/pods',
  });
}

/**
 * Mirror rules and catalogs of the seed's site, before those of this one are applied (11.1, step 19b). recert has put
 * and removed most of them already; the original deletes this site's own too, and makes them anew.
 */
export async function deleteSeedMirrors(
  world: PostPivotWorld,
  api: KubernetesApi,
  { manifests, extraManifests }: Pick<Configuration, 'manifests' | 'extraManifests'>,
): Promise<void> {
  const ownNames = (kind: ObjectKind): string[] =>
    [...manifests, ...extraManifests]
      .filter(({ object }) => object.kind === kind.kind && object.apiVersion === kind.apiVersion)
      .map(({ object }) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  for (const kind of [CONTENT_SOURCES, DIGEST_MIRRORS, CATALOGS]) {
    for (const { metadata } of await listIfServed(world, api, kind)) {
      const { name, namespace } = metadata;
      if (ownNames(kind).includes(`${namespace ?? ''}/${name}`)) continue;
      await api.delete(kind, { name: name!, ...(namespace !== undefined && { namespace }) });
    }
  }
}

/** Points the cluster-version operator at the registry that this site has the release in (11.1, step 19e). */
export async function setReleaseRegistry(
  world: PostPivotWorld,
  api: KubernetesApi,
  { seed, target }: Configuration,
): Promise<void> {
  const mirrors = [
    ...(await listIfServed(world, api, CONTENT_SOURCES)),
    ...(await listIfServed(world, api, DIGEST_MIRRORS)),
  ];
  const facts = {
    seedRegistry: seed.release_registry,
    targetRegistry: target.release_registry,
    seedMirrorConfigured: seed.mirror_registry_configured,
    mirrorSources: mirrors.flatMap(sourcesOf).map(registryOf),
  };
  if (!mustReplaceRegistry(facts)) return;
  const deployment = await api.get(DEPLOYMENT, VERSION_OPERATOR);
  const container = firstContainer(deployment);
  if (container === undefined)
    return note(world, 'there is no cluster-version operator whose release registry could be set');
  const image = withRegistry(container.image, target.release_registry);
  const args = container.args?.map((arg) =>
    arg.startsWith('--release-image') ? `--release-image=${image}` : arg,
  );
  const patched = { name: container.name, image, ...(args && { args }) };
  await api.patch(DEPLOYMENT, VERSION_OPERATOR, {
    type: 'strategic-merge',
    body: { spec: { template: { spec: { containers: [patched] } } } },
  });
}

export async function setClusterId(
  world: PostPivotWorld,
  api: KubernetesApi,
  clusterId: string,
): Promise<void> {
  const version = { name: 'version' };
  if ((await api.findResource(CLUSTER_VERSION)) === undefined)
    return note(world, 'the cluster has no ClusterVersion: its ID is not recorded');
  await api.patch(CLUSTER_VERSION, version, { type: 'merge', body: { spec: { clusterID: clusterId } } });
}

/** Failure `postpivot/node-not-registered` when the kubelet has not registered the node after five minutes. */
export async function setNodeLabels(
  world: PostPivotWorld,
  api: KubernetesApi,
  { target, hostname }: Configuration,
): Promise<void> {
  const labels = labelsToSet(target.node_labels);
  if (Object.keys(labels).length === 0) return;
  const deadline = world.clock() + NODE_WAIT_SECONDS;
  while ((await api.get(NODE, { name: hostname })) === undefined) {
    if (world.clock() >= deadline) throw nodeMissing(hostname);
    await world.sleep(1);
  }
  await api.patch(NODE, { name: hostname }, { type: 'merge', body: { metadata: { labels } } });
}

async function listIfServed(
  world: PostPivotWorld,
  api: KubernetesApi,
  kind: ObjectKind,
): Promise<KubernetesObject[]> {
  if ((await api.findResource(kind)) !== undefined) return api.list(kind);
  note(world, `the cluster has no ${kind.kind} objects (${kind.apiVersion} is not served)`);
  return [];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
}

function firstContainer(deployment: KubernetesObject | undefined): Container | undefined {
  const spec = deployment?.['spec'] as
    | { template?: { spec?: { containers?: readonly Container[] } } }
    | undefined;
  return spec?.template?.spec?.containers?.[0];
}

function sourcesOf(mirror: KubernetesObject): string[] {
  const spec = mirror['spec'] as
    | {
        imageDigestMirrors?: readonly { source: string }[];
        repositoryDigestMirrors?: readonly { source: string }[];
      }
    | undefined;
  return [...(spec?.imageDigestMirrors ?? []), ...(spec?.repositoryDigestMirrors ?? [])].map((m) => m.source);
}

const nodeMissing = (hostname: string): Failure =>
  new Failure({
    code: 'postpivot/node-not-registered',
    message: `node ${hostname} was not registered within ${NODE_WAIT_SECONDS} s: its labels can not be set`,
    hint: 'look at "journalctl -u kubelet" for the reason; the next attempt follows by itself',
  });
