import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';

/** A cluster in memory that serves the kinds it has objects of, and those named in `served`. */
export function fakeCluster(
  objects: readonly KubernetesObject[],
  served: readonly string[] = [],
): KubernetesApi {
  const ofKind = (kind: ObjectKind) =>
    objects.filter((o) => o.kind === kind.kind && o.apiVersion === kind.apiVersion);
  const unused = async (): Promise<never> => {
    throw new Error('the seed only reads');
  };
  return {
    findResource: async (kind) =>
      ofKind(kind).length > 0 || served.includes(kind.kind) ? { plural: 'x', namespaced: true } : undefined,
    list: async (kind) => ofKind(kind),
    get: async (kind, name) =>
      ofKind(kind).find((o) => o.metadata.name === name.name && o.metadata.namespace === name.namespace),
    create: unused,
    update: unused,
    patch: unused,
    delete: unused,
    isReady: async () => true,
    close: () => {},
  };
}

/** An object with that status, spec or data. */
export const object = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: Readonly<Record<string, unknown>> & { readonly namespace?: string } = {},
): KubernetesObject => {
  const { namespace, ...fields } = rest;
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, ...fields };
};
