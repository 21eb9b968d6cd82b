import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import { readKubeconfig } from '#system/kubeconfig.ts';
import {
  type KubernetesApi,
  kubernetesApi,
  type ObjectKind,
  type ObjectName,
} from '#system/kubernetesApi.ts';
import { connectTransport, type KubernetesTransport } from '#system/kubernetesTransport.ts';
import type { Clock } from './clock.ts';

/** A cluster that is being installed: its API may be away at any time, and nothing here waits for it. */
export interface WatchedCluster {
  readonly url: string;
  readonly api: KubernetesApi;
  /** Version of Kubernetes. @throws Error with what is wrong */
  version(): Promise<string>;
}

/** What all waiting needs. */
export interface Waiting {
  readonly cluster: WatchedCluster;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the kubeconfig; nothing is sent yet. `shown` is its path as the user's directory gives it. @throws Failure */
export async function openCluster(files: Files, kubeconfig: string, shown: string): Promise<WatchedCluster> {
  if (!(await files.exists(kubeconfig))) throw unusable(`stat ${shown}: no such file or directory`);
  try {
    const connection = await readKubeconfig(files, kubeconfig);
    return clusterBehind(connection.server, connectTransport(connection));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw unusable(cause.message);
  }
}

const unusable = (reason: string): Failure =>
  new Failure({
    code: 'installer/kubeconfig-unusable',
    message: `loading kubeconfig: ${reason}`,
    hint: 'give the directory of the cluster with --dir',
  });

/** The cluster at a transport. */
export function clusterBehind(url: string, transport: KubernetesTransport): WatchedCluster {
  return {
    url,
    api: kubernetesApi(transport, { retrySeconds: 0 }),
    async version() {
      const { status, body } = await transport.send({ method: 'GET', path: '/version' });
      if (status !== 200) throw new Error(`the server answered with ${status}`);
      return (JSON.parse(body) as { gitVersion: string }).gitVersion;
    },
  };
}

/** The object, or why there is none; while a cluster comes up there are many reasons. */
export async function lookAt(
  { api }: WatchedCluster,
  kind: ObjectKind,
  name: ObjectName,
): Promise<{ object: Readonly<Record<string, unknown>> } | { why: string; isUnknownKind: boolean }> {
  try {
    const object = await api.get(kind, name);
    if (object !== undefined) return { object };
    return { why: `${kind.kind} ${name.name} does not exist`, isUnknownKind: false };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isUnknownKind = error instanceof Failure && error.code === 'system/kubernetes-kind-unknown';
    return { why: error.message, isUnknownKind };
  }
}
