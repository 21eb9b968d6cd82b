import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import type { Files } from './host.ts';
import { readKubeconfig } from './kubeconfig.ts';
import {
  connectTransport,
  type KubernetesRequest,
  type KubernetesResponse,
  type KubernetesTransport,
} from './kubernetesTransport.ts';

export interface ObjectKind {
  /** `v1` or `<group>/<version>`. */
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ObjectName {
  readonly name: string;
  /** Left out for cluster-scoped kinds; namespaced kinds then take `default`. */
  readonly namespace?: string;
}

/** Any Kubernetes object as the API server's JSON has it. */
export interface KubernetesObject extends ObjectKind {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** How the server serves a kind. */
export interface ApiResource {
  readonly plural: string;
  readonly namespaced: boolean;
  /** Its status is written by itself, and passed over when the object is written. */
  readonly hasStatus?: boolean;
}

type PatchKind = 'merge' | 'strategic-merge' | 'json';

interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/**
 * A small client for one API server. Answers that mean "not now" (connection refused, 429, 500, 503, 504) are retried
 * with growing pauses for `retrySeconds`. Everything else is a Failure `system/kubernetes-<reason>` with `facts.status`;
 * a kind that the server doesn't serve is `system/kubernetes-kind-unknown`.
 */
export interface KubernetesApi {
  /** `undefined` for a kind that the server does not serve (its CRD is absent). Asked anew each time it was absent. */
  findResource(kind: ObjectKind): Promise<ApiResource | undefined>;
  /** `undefined` when there is no such object. */
  get(kind: ObjectKind, name: ObjectName): Promise<KubernetesObject | undefined>;
  /** Of one namespace or of all, read in pages. */
  list(kind: ObjectKind, options?: ListOptions): Promise<KubernetesObject[]>;
  create(object: KubernetesObject): Promise<KubernetesObject>;
  /** Replaces; the object carries the resourceVersion it was read with. */
  update(object: KubernetesObject): Promise<KubernetesObject>;
  /** `isStatus`: the body changes nothing but the status, which is sent to where the server takes it. */
  patch(
    kind: ObjectKind,
    name: ObjectName,
    patch: { readonly type: PatchKind; readonly body: unknown; readonly isStatus?: boolean },
  ): Promise<KubernetesObject>;
  /** True if there was something to delete. Returns when the server accepted it, not when finalizers are done. */
  delete(kind: ObjectKind, name: ObjectName): Promise<boolean>;
  /** One question to /readyz, without retries. */
  isReady(): Promise<boolean>;
  close(): void;
}

export interface ConnectOptions {
  /** Default 180: what lifecycle-agent's client waits (11.5). */
  readonly retrySeconds?: number;
}

/** Reads the kubeconfig and returns a client; nothing is sent yet. */
export async function connectKubernetes(
  files: Files,
  kubeconfig: string,
  options: ConnectOptions = {},
): Promise<KubernetesApi> {
  return kubernetesApi(connectTransport(await readKubeconfig(files, kubeconfig)), options);
}

const PAGE = 500;
const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  'strategic-merge': 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

/** The client over any transport. */
export function kubernetesApi(transport: KubernetesTransport, options: ConnectOptions = {}): KubernetesApi {
  const served = new Map<string, ReadonlyMap<string, ApiResource>>();

  const ask = (request: KubernetesRequest): Promise<KubernetesResponse> =>
    withRetries(() => transport.send(request), request, options.retrySeconds ?? 180);

  async function findResource(kind: ObjectKind): Promise<ApiResource | undefined> {
    const known = served.get(kind.apiVersion)?.get(kind.kind);
    if (known !== undefined) return known;
    const answer = await ask({ method: 'GET', path: groupPath(kind.apiVersion) });
    if (answer.status === 404) return undefined;
    const resources = parseResources(expectOk(answer, `discovery of ${kind.apiVersion}`));
    served.set(kind.apiVersion, resources);
    return resources.get(kind.kind);
  }

  async function pathOf(kind: ObjectKind, at: { name?: string; namespace?: string }): Promise<string> {
    const resource = await findResource(kind);
    if (resource === undefined) throw kindUnknown(kind);
    const scope =
      resource.namespaced && at.namespace !== undefined
        ? `/namespaces/${encodeURIComponent(at.namespace)}`
        : '';
    const name = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`;
    return `${groupPath(kind.apiVersion)}${scope}/${resource.plural}${name}`;
  }

  const objectPath = (kind: ObjectKind, name: ObjectName) =>
    pathOf(kind, { name: name.name, namespace: name.namespace ?? 'default' });

  async function send(kind: ObjectKind, request: KubernetesRequest): Promise<KubernetesObject> {
    const what = `${request.method} ${request.path}`;
    return JSON.parse(expectOk(await ask(request), what, kind)) as KubernetesObject;
  }

  async function list(kind: ObjectKind, { namespace, labelSelector }: ListOptions = {}) {
    const path = await pathOf(kind, { ...(namespace !== undefined && { namespace }) });
    const items: KubernetesObject[] = [];
    let next = '';
    do {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
      if (next !== '') query.set('continue', next);
      const answer = await ask({ method: 'GET', path: `${path}?${query}` });
      const page = JSON.parse(expectOk(answer, `GET ${path}`, kind)) as {
        metadata?: { continue?: string };
        items?: Omit<KubernetesObject, 'apiVersion' | 'kind'>[];
      };
      // Items of a list carry neither apiVersion nor kind.
      for (const item of page.items ?? []) items.push({ ...item, ...kind } as KubernetesObject);
      next = page.metadata?.continue ?? '';
    } while (next !== '');
    return items;
  }

  return {
    findResource,
    list,
    get: async (kind, name) => {
      const path = await objectPath(kind, name);
      const answer = await ask({ method: 'GET', path });
      if (answer.status === 404) return undefined;
      return JSON.parse(expectOk(answer, `GET ${path}`, kind)) as KubernetesObject;
    },
    create: async (object) => {
      const path = await pathOf(object, { namespace: object.metadata.namespace ?? 'default' });
      return send(object, { method: 'POST', path, body: JSON.stringify(object) });
    },
    update: async (object) => {
      const path = await objectPath(object, nameOf(object));
      return send(object, { method: 'PUT', path, body: JSON.stringify(object) });
    },
    patch: async (kind, name, { type, body, isStatus = false }) =>
      send(kind, {
        method: 'PATCH',
        path: `${await objectPath(kind, name)}${isStatus && (await findResource(kind))?.hasStatus ? '/status' : ''}`,
        body: JSON.stringify(body),
        contentType: PATCH_TYPES[type],
      }),
    delete: async (kind, name) => {
      const path = await objectPath(kind, name);
      const answer = await ask({ method: 'DELETE', path });
      if (answer.status === 404) return false;
      expectOk(answer, `DELETE ${path}`, kind);
      return true;
    },
    isReady: () =>
      transport.send({ method: 'GET', path: '/readyz' }).then(
        (answer) => answer.status === 200,
        () => false,
      ),
    close: () => transport.close(),
  };
}

function nameOf(object: KubernetesObject): ObjectName {
  const { name, namespace } = object.metadata;
  if (name === undefined) throw new Error(`${object.kind} without a name`);
  return { name, ...(namespace !== undefined && { namespace }) };
}

const groupPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function parseResources(body: string): Map<string, ApiResource> {
  const { resources = [] } = JSON.parse(body) as {
    resources?: { name: string; kind: string; namespaced: boolean }[];
  };
  const names = new Set(resources.map(({ name }) => name));
  return new Map(
    resources
      .filter((r) => !r.name.includes('/')) // sub-resources share their parent's kind or another one
      .map(({ kind, name: plural, namespaced }) => {
        const hasStatus = names.has(`${plural}/status`);
        return [kind, { plural, namespaced, ...(hasStatus && { hasStatus }) }];
      }),
  );
}

const RETRIED_STATUS = new Set([429, 500, 503, 504]);
/** The request never reached the server: repeating it is safe for every method. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** It may have been carried out: a repeated create would answer "already exists". */
const MAYBE_SENT = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

async function withRetries(
  attempt: () => Promise<KubernetesResponse>,
  request: KubernetesRequest,
  seconds: number,
): Promise<KubernetesResponse> {
  const deadline = performance.now() + seconds * 1000;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 5000)) {
    const outcome = await attempt().catch((error: NodeJS.ErrnoException) => error);
    const again =
      outcome instanceof Error
        ? NOT_SENT.has(outcome.code ?? '') ||
          (request.method !== 'POST' && MAYBE_SENT.has(outcome.code ?? ''))
        : RETRIED_STATUS.has(outcome.status);
    if (!again || performance.now() + pause > deadline) {
      if (outcome instanceof Error) throw unreachable(request, outcome);
      return outcome;
    }
    await sleep(pause);
  }
}

function expectOk(answer: KubernetesResponse, what: string, kind?: ObjectKind): string {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  const { reason, message } = parseStatus(answer.body);
  // A refused Secret may be quoted in the server's message.
  const why = kind?.kind === 'Secret' ? reason : message;
  throw new Failure({
    code: `system/kubernetes-${reason.toLowerCase()}`,
    message: `the API server answered ${what} with ${answer.status}: ${why}`,
    facts: { status: answer.status, reason },
  });
}

function parseStatus(body: string): { reason: string; message: string } {
  try {
    const status = JSON.parse(body) as { reason?: string; message?: string };
    return { reason: status.reason || 'refused', message: status.message ?? '' };
  } catch {
    return { reason: 'refused', message: body.slice(0, 200) };
  }
}

const kindUnknown = (kind: ObjectKind): Failure =>
  new Failure({
    code: 'system/kubernetes-kind-unknown',
    message: `the API server does not serve ${kind.kind} of ${kind.apiVersion}`,
    hint: 'apply its CustomResourceDefinition first, or correct apiVersion and kind',
  });

const unreachable = (request: KubernetesRequest, cause: NodeJS.ErrnoException): Failure =>
  new Failure({
    code: 'system/kubernetes-unreachable',
    message: `${request.method} ${request.path}: no answer from the API server: ${cause.code ?? cause.message}`,
    hint: 'check that the API server runs and that the kubeconfig names it and its CA',
    cause,
  });
