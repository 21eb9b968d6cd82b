import { Failure } from '#base/failure.ts';
import type { Resource } from '#k8s/resource.ts';
import type { Etcd, EtcdKeyValue } from '#system/etcd.ts';

/** An object as it was read, with what its transaction needs. */
export interface StoredObject {
  readonly resource: Resource;
  readonly modRevision: number;
  readonly lease: bigint;
  /** The value as it lies in etcd: another one than the resource's where it is encrypted at rest. */
  readonly stored: Buffer;
}

/** All objects of the cluster at one revision, by etcd key. */
export type ClusterObjects = ReadonlyMap<string, StoredObject>;

/** Reads everything that etcd holds, whatever the prefix of the API server's storage. */
export async function readEntries(etcd: Etcd): Promise<readonly EtcdKeyValue[]> {
  const { entries } = await etcd.readAll('/');
  if (entries.length === 0) {
    throw new Failure({
      code: 'recert/etcd-empty',
      message: 'No keys found in etcd',
      hint: 'check that etcd_endpoint is the etcd of the cluster and runs on its data directory',
    });
  }
  return entries;
}

/** The key without the storage prefix (`/kubernetes.io/secrets/a/b` -> `secrets/a/b`), as rules name it. */
export const objectPath = (key: string): string => key.slice(key.indexOf('/', 1) + 1);
