import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import type { KubernetesApi, KubernetesObject } from '#system/kubernetesApi.ts';
import { type Manifest, mergeMustHave } from '../manifests.ts';
import { note } from '../note.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { splitPublicKeys, sshMachineConfigs } from '../sshAccess.ts';

/** A CRD that was applied a moment ago is served a moment later. */
const CRD_WAIT_SECONDS = 60;

/** Creates, replaces or merges each object, in order (lifecycle-agent 11.5). */
export async function applyManifests(
  world: PostPivotWorld,
  api: KubernetesApi,
  manifests: readonly Manifest[],
): Promise<void> {
  const deadline = world.clock() + CRD_WAIT_SECONDS;
  for (const manifest of manifests) {
    while ((await api.findResource(manifest.object)) === undefined) {
      if (world.clock() >= deadline) throw kindMissing(manifest);
      await world.sleep(1);
    }
    await applyManifest(api, manifest);
    info(world.logger, `applied ${manifest.object.kind} ${manifest.object.metadata.name} (${manifest.file})`);
  }
}

/** The MachineConfigs that keep the SSH keys mean something only to a cluster that manages its machines. */
export async function applySshKeys(
  world: PostPivotWorld,
  api: KubernetesApi,
  publicKeys: string,
): Promise<void> {
  const configs = publicKeys === '' ? [] : sshMachineConfigs(splitPublicKeys(publicKeys));
  const [first] = configs;
  if (first === undefined) return;
  if ((await api.findResource(first.object)) === undefined)
    return note(world, 'the cluster has no MachineConfigs: the SSH keys are on this host only');
  await applyManifests(world, api, configs);
}

async function applyManifest(api: KubernetesApi, { object, applyType }: Manifest): Promise<void> {
  const { name, namespace } = object.metadata;
  const existing = await api.get(object, { name: name!, ...(namespace !== undefined && { namespace }) });
  const { resourceVersion: _, ...metadata } = object.metadata;
  if (existing === undefined) {
    await api.create({ ...object, metadata });
    return;
  }
  const desired =
    applyType === 'merge' ? (mergeMustHave(existing, { ...object, metadata }) as KubernetesObject) : object;
  const resourceVersion = existing.metadata.resourceVersion;
  await api.update({
    ...desired,
    metadata: { ...desired.metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
  });
}

const kindMissing = ({ file, object }: Manifest): Failure =>
  new Failure({
    code: 'postpivot/kind-not-served',
    message: `${file}: the cluster does not serve ${object.kind} of ${object.apiVersion}`,
    hint: 'add its CustomResourceDefinition to the manifests before it, or take the object out',
  });
