import { Failure } from '#base/failure.ts';
import { parseResource, type Resource } from '#k8s/resource.ts';
import type { Etcd, EtcdKeyValue } from '#system/etcd.ts';

/** An object as it was read, with what its transaction needs. */
export interface StoredObject {
  readonly resource: Resource;
  readonly modRevision: number;
  readonly lease: bigint;
}

/** All objects of the cluster at one revision, by etcd key. */
export type ClusterObjects = ReadonlyMap<string, StoredObject>;

/** Kubernetes puts this before values that it encrypts at rest. */
const ENCRYPTED = Buffer.from('k8s:enc:');

/** Reads everything that etcd holds, whatever the prefix of the API server's storage. */
export async function readClusterObjects(etcd: Etcd): Promise<ClusterObjects> {
  const { entries } = await etcd.readAll('/');
  if (entries.length === 0) {
    throw new Failure({
      code: 'recert/etcd-empty',
      message: 'No keys found in etcd',
      hint: 'check that etcd_endpoint is the etcd of the cluster and runs on its data directory',
    });
  }
  return new Map(entries.map((entry) => [entry.key, storedObject(entry)]));
}

function storedObject({ key, value, modRevision, lease }: EtcdKeyValue): StoredObject {
  if (value.subarray(0, ENCRYPTED.length).equals(ENCRYPTED)) {
    throw new Failure({
      code: 'recert/encrypted-at-rest',
      message: `${key} is encrypted at rest, which recert does not read yet`,
      hint: 'decrypt the seed cluster first: set encryption type identity in APIServer/cluster and wait for the migration',
    });
  }
  return { resource: parseResource(key, value), modRevision, lease };
}

/** The key without the storage prefix (`/kubernetes.io/secrets/a/b` -> `secrets/a/b`), as rules name it. */
export const objectPath = (key: string): string => key.slice(key.indexOf('/', 1) + 1);
