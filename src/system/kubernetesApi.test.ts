import { expect, test } from 'vitest';
import { kubernetesApi } from './kubernetesApi.ts';
import type { KubernetesRequest, KubernetesResponse } from './kubernetesTransport.ts';

const WIDGET = { apiVersion: 'shop.test/v1', kind: 'Widget' };
const DISCOVERY = {
  resources: [
    { name: 'widgets/status', kind: 'Widget', namespaced: true },
    { name: 'widgets', kind: 'Widget', namespaced: true },
    { name: 'shops', kind: 'Shop', namespaced: false },
  ],
};

/** Answers by path; every request is kept. An Error is thrown, an object is a 200 with that body. */
function fakeServer(answer: (request: KubernetesRequest, serial: number) => unknown) {
  const requests: KubernetesRequest[] = [];
  const send = async (request: KubernetesRequest): Promise<KubernetesResponse> => {
    requests.push(request);
    if (request.path === '/apis/shop.test/v1') return { status: 200, body: JSON.stringify(DISCOVERY) };
    const found = answer(request, requests.length);
    if (found instanceof Error) throw found;
    if (typeof found === 'number') {
      const body = JSON.stringify({ reason: found === 409 ? 'Conflict' : 'Refused', message: 'the reason' });
      return { status: found, body };
    }
    return { status: 200, body: JSON.stringify(found) };
  };
  return { requests, api: kubernetesApi({ send, close: () => {} }, { retrySeconds: 1 }) };
}

test('lists in pages and gives every item its kind', async () => {
  const { api, requests } = fakeServer((request) =>
    request.path.includes('continue=')
      ? { items: [{ metadata: { name: 'b' } }] }
      : { metadata: { continue: 'more' }, items: [{ metadata: { name: 'a' } }] },
  );
  const found = await api.list(WIDGET, { namespace: 'x y', labelSelector: 'a=b' });
  expect(found.map((o) => [o.kind, o.metadata.name])).toEqual([
    ['Widget', 'a'],
    ['Widget', 'b'],
  ]);
  expect(requests[1]?.path).toBe('/apis/shop.test/v1/namespaces/x%20y/widgets?limit=500&labelSelector=a%3Db');
});

test('a namespace is not part of the path of a cluster-scoped kind, and default otherwise', async () => {
  const { api, requests } = fakeServer(() => ({}));
  await api.get({ ...WIDGET, kind: 'Shop' }, { name: 's', namespace: 'ignored' });
  await api.get(WIDGET, { name: 'w' });
  expect(requests.map((r) => r.path)).toEqual([
    '/apis/shop.test/v1',
    '/apis/shop.test/v1/shops/s',
    '/apis/shop.test/v1/namespaces/default/widgets/w',
  ]);
});

test('absent objects and kinds are answers', async () => {
  const { api } = fakeServer(() => 404);
  expect(await api.get(WIDGET, { name: 'w' })).toBeUndefined();
  expect(await api.delete(WIDGET, { name: 'w' })).toBe(false);
  expect(await api.findResource({ apiVersion: 'none.test/v1', kind: 'None' })).toBeUndefined();
  const unknown = { ...WIDGET, kind: 'Unknown' };
  await expect(api.list(unknown)).rejects.toMatchObject({ code: 'system/kubernetes-kind-unknown' });
});

test('"not now" is asked again, a refusal is not', async () => {
  const refusedOnce = fakeServer((_request, serial) =>
    serial < 4 ? Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) : { metadata: { name: 'w' } },
  );
  expect((await refusedOnce.api.get(WIDGET, { name: 'w' }))?.metadata.name).toBe('w');
  const conflict = fakeServer(() => 409);
  const update = conflict.api.update({ ...WIDGET, metadata: { name: 'w' } });
  await expect(update).rejects.toMatchObject({ code: 'system/kubernetes-conflict', facts: { status: 409 } });
  expect(conflict.requests).toHaveLength(2);
});

test('a create whose connection broke is not repeated', async () => {
  const { api, requests } = fakeServer(() => Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  const create = api.create({ ...WIDGET, metadata: { name: 'w' } });
  await expect(create).rejects.toMatchObject({ code: 'system/kubernetes-unreachable' });
  expect(requests.filter((r) => r.method === 'POST')).toHaveLength(1);
});

test("the server's words about a Secret stay out of the message", async () => {
  const { api } = fakeServer((request) =>
    request.path === '/api/v1' ? { resources: [{ name: 'secrets', kind: 'Secret', namespaced: true }] } : 422,
  );
  const create = api.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } });
  await expect(create).rejects.toThrow(/with 422: Refused$/);
});
