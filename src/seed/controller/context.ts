import type { Logger } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';

/** What the controller gives to the run of `create`. */
export interface CreateRequest {
  readonly image: string;
  readonly authfile: string;
  readonly recertImage: string | undefined;
}

export interface ControllerContext {
  readonly host: Host;
  readonly logger: Logger;
  /** A new client: the restoration gives the kubeconfig another certificate. */
  readonly connect: () => Promise<KubernetesApi>;
  /** Of the Secret with the credentials. */
  readonly namespace: string;
  /** For objects that name none. */
  readonly recertImage: string | undefined;
  readonly now: () => Date;
  /** Makes the image, and brings the cluster back; the answer is the image by digest. */
  readonly create: (request: CreateRequest) => Promise<string>;
  /** Ends the watch, between two pieces of work. */
  readonly signal: AbortSignal;
  /** Times a pause in seconds; 1 but for tests. */
  readonly pace: number;
}

/** While there is a client. */
export interface ConnectedContext extends ControllerContext {
  readonly api: KubernetesApi;
}

export async function connected<T>(
  context: ControllerContext,
  work: (connected: ConnectedContext) => Promise<T>,
): Promise<T> {
  const api = await context.connect();
  try {
    return await work({ ...context, api });
  } finally {
    api.close();
  }
}
