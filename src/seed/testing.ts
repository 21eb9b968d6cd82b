import { renderRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { originMember, SEED_MEMBERS } from '#api/seedImage.ts';
import { silentLogger } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import type { SeedContext } from './context.ts';

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

/** What a run of `create` is given, with `options` instead of the defaults. */
export const seedContext = (host: Host, options: Partial<SeedContext['options']> = {}): SeedContext => ({
  host,
  options: {
    ...{ image: 'r.test/seed:1', authfile: '/a', recertImage: undefined, compression: 'gzip' },
    ...{ skipRecertValidation: false, skipCleanup: false },
    ...options,
  },
  logger: silentLogger,
  now: () => new Date(0),
  clock: () => 0,
  randomBytes: (size) => Buffer.alloc(size),
  executable: '/x',
  architecture: 'amd64',
});

const DEPLOYMENT = `${'c'.repeat(64)}.0`;

/** Puts every member of a seed image into the directory; their archives are none. */
export async function putMembers({ files }: Pick<Host, 'files'>, directory: string): Promise<void> {
  const status = {
    ...{ id: `my-os-${DEPLOYMENT}`, osname: 'my-os', booted: true, serial: 0, checksum: 'c'.repeat(64) },
    ...{ version: '1', timestamp: 0, staged: false, origin: '' },
  };
  const texts: Record<string, string> = {
    [SEED_MEMBERS.clusterInfo]: '{"cluster_name":"seed"}',
    [SEED_MEMBERS.rpmOstree]: renderRpmOstreeStatus([status]),
    [originMember(DEPLOYMENT)]: '[origin]',
  };
  for (const name of [...Object.values(SEED_MEMBERS), originMember(DEPLOYMENT)]) {
    const mode = name === SEED_MEMBERS.executable ? 0o755 : 0o600;
    await files.write(`${directory}/${name}`, texts[name] ?? `content of ${name}`, { mode });
  }
}
