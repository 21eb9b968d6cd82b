import { Failure } from '#base/failure.ts';
import type { Resource } from '#k8s/resource.ts';
import type { Etcd, EtcdKeyValue } from '#system/etcd.ts';
import { isIdle } from './idle.ts';

/** An object as it was read, with what its transaction needs. */
export interface StoredObject {
  readonly resource: Resource;
  readonly modRevision: number;
  readonly lease: bigint;
  /** The value as it lies in etcd: another one than the resource's where it is encrypted at rest. */
  readonly stored: Buffer;
}

/** The objects of the cluster at one revision, by etcd key; idle ones (see idle.ts) are left out. */
export type ClusterObjects = ReadonlyMap<string, StoredObject>;

/** Reads everything that etcd holds, whatever the prefix of the API server's storage, and keeps what is not idle. */
export async function readEntries(
  etcd: Etcd,
): Promise<{ readonly entries: readonly EtcdKeyValue[]; readonly count: number }> {
  const { entries, count } = await etcd.readAll('/', (entry) => !isIdle(entry));
  if (count === 0) {
    throw new Failure({
      code: 'recert/etcd-empty',
      message: 'No keys found in etcd',
      hint: 'check that etcd_endpoint is the etcd of the cluster and runs on its data directory',
    });
  }
  return { entries, count };
}
