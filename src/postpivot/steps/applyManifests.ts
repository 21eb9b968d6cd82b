import { isDeepStrictEqual } from 'node:util';
import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import type { KubernetesApi, KubernetesObject } from '#system/kubernetesApi.ts';
import { type ApplyType, type Manifest, mergeMustHave } from '../manifests.ts';
import { note } from '../note.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { sshMachineConfigs } from '../sshAccess.ts';

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
    const isChanged = await applyManifest(api, manifest);
    const verb = isChanged ? 'applied' : 'as it has to be:';
    info(world.logger, `${verb} ${manifest.object.kind} ${manifest.object.metadata.name} (${manifest.file})`);
  }
}

/** The MachineConfigs that keep the SSH keys mean something only to a cluster that manages its machines. */
export async function applySshKeys(
  world: PostPivotWorld,
  api: KubernetesApi,
  publicKeys: string,
): Promise<void> {
  const configs = sshMachineConfigs(publicKeys);
  const [first] = configs;
  if (first === undefined) return;
  if ((await api.findResource(first.object)) === undefined)
    return note(world, 'the cluster has no MachineConfigs: the SSH keys are on this host only');
  await applyManifests(world, api, configs);
}

/** False where the object is there as it is wanted: even an update without a change wakes its controllers. */
async function applyManifest(api: KubernetesApi, { object, applyType }: Manifest): Promise<boolean> {
  const { name, namespace } = object.metadata;
  const existing = await api.get(object, { name: name!, ...(namespace !== undefined && { namespace }) });
  const { resourceVersion: _, ...metadata } = object.metadata;
  if (existing === undefined) {
    await api.create({ ...object, metadata });
    return true;
  }
  if (isAsWanted(existing, object, applyType)) return false;
  const desired =
    applyType === 'merge' ? (mergeMustHave(existing, { ...object, metadata }) as KubernetesObject) : object;
  const resourceVersion = existing.metadata.resourceVersion;
  await api.update({
    ...desired,
    metadata: { ...desired.metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
  });
  return true;
}

function isAsWanted(existing: KubernetesObject, object: KubernetesObject, applyType: ApplyType): boolean {
  const { resourceVersion: _, ...metadata } = object.metadata;
  if (applyType === 'merge')
    return isDeepStrictEqual(mergeMustHave(existing, { ...object, metadata }), existing);
  const content = ({ status: _, metadata: __, ...rest }: KubernetesObject) => rest;
  const notes = ({ labels = {}, annotations = {} }: KubernetesObject['metadata']) => [labels, annotations];
  return (
    isDeepStrictEqual(content(existing), content(object)) &&
    isDeepStrictEqual(notes(existing.metadata), notes(metadata))
  );
}

const kindMissing = ({ file, object }: Manifest): Failure =>
  new Failure({
    code: 'postpivot/kind-not-served',
    message: `${file}: the cluster does not serve ${object.kind} of ${object.apiVersion}`,
    hint: 'add its CustomResourceDefinition to the manifests before it, or take the object out',
  });
