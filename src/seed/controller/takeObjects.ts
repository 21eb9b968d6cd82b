import { SEED_GENERATOR, SEED_GENERATOR_NAME, SEED_SECRET } from '#api/seedGenerator.ts';
import type { KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import type { ConnectedContext } from './context.ts';
import { statusOf, writeStatus } from './status.ts';
import type { TakenObjects } from './workspace.ts';

const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const UPGRADE = { apiVersion: 'lca.openshift.io/v1', kind: 'ImageBasedUpgrade' };

/** Deletes them, so that they are not in the seed's etcd (lifecycle-agent 5.5, 12). May be repeated. */
export async function takeObjects(
  { api, namespace }: ConnectedContext,
  { seedGenerator }: TakenObjects,
): Promise<void> {
  await api.delete(SECRET, { namespace, name: SEED_SECRET.name });
  if ((await api.findResource(UPGRADE)) !== undefined) await api.delete(UPGRADE, { name: 'upgrade' });
  const name = seedGenerator.metadata.name ?? SEED_GENERATOR_NAME;
  // A finalizer of somebody else would keep the object, and etcd would travel with it; it comes back with the object.
  if ((seedGenerator.metadata['finalizers'] as string[] | undefined)?.length) {
    const there = await api.get(SEED_GENERATOR, { name });
    if (there !== undefined) {
      await api.patch(SEED_GENERATOR, { name }, { type: 'merge', body: { metadata: { finalizers: null } } });
    }
  }
  await api.delete(SEED_GENERATOR, { name });
}

/** Puts them back, and answers the SeedGenerator as it is there then. May be repeated. */
export async function returnObjects(
  context: ConnectedContext,
  { secret, seedGenerator }: TakenObjects,
): Promise<KubernetesObject> {
  await createIfMissing(context, SECRET, secret);
  const created = await createIfMissing(context, SEED_GENERATOR, seedGenerator);
  const status = statusOf(seedGenerator);
  // A server with a status subresource takes no status with the object.
  if (status === undefined || statusOf(created) !== undefined) return created;
  return writeStatus(context, created, status);
}

async function createIfMissing(
  { api }: ConnectedContext,
  kind: ObjectKind,
  object: KubernetesObject,
): Promise<KubernetesObject> {
  const { name = '', namespace } = object.metadata;
  const there = await api.get(kind, { name, ...(namespace !== undefined && { namespace }) });
  if (there !== undefined) return there;
  const { labels, annotations } = object.metadata;
  const finalizers = object.metadata['finalizers'];
  // The rest of the metadata is the server's.
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers !== undefined && { finalizers }),
  };
  const { status: _, ...rest } = object;
  return api.create({ ...rest, ...kind, metadata });
}
