import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  isFinished,
  SEED_GENERATOR,
  SEED_GENERATOR_NAME,
  type SeedGeneratorStatus,
} from '#api/seedGenerator.ts';
import { Failure } from '#base/failure.ts';
import { silentLogger } from '#base/logger.ts';
import type { ControllerContext, CreateRequest } from '#seed/controller/context.ts';
import { runSeedController } from '#seed/controller/run.ts';
import { connectKubernetes, type KubernetesApi, type KubernetesObject } from '#system/kubernetesApi.ts';
import { MemoryHost } from '#system/testing.ts';
import { type RealApiServer, startApiServer } from './realApiServer.ts';
import { scratch } from './seedFixture.ts';

const NAMESPACE = 'openshift-lifecycle-agent';
const FINALIZER = 'test.invalid/held';
const AUTH = '{"auths":{"r.test":{"auth":"cDpw"}}}';
const IMAGE = 'r.test/seeds/sno:1';
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'seedgen', namespace: NAMESPACE },
  data: { seedAuth: Buffer.from(AUTH).toString('base64') },
};
const NAME = { name: SEED_GENERATOR_NAME };

let base: string;
let server: RealApiServer;
let host: MemoryHost;
let api: KubernetesApi;
let stop = new AbortController();

beforeAll(async () => {
  base = await scratch();
  server = await startApiServer(join(base, 'api'));
  host = seedHost();
  api = await connect();
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await api.create(SECRET);
  await api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  await tellNode('True');
}, 600_000);

afterEach(async () => {
  stop.abort();
  stop = new AbortController();
  host = seedHost();
  if ((await api.findResource(SEED_GENERATOR)) !== undefined) await api.delete(SEED_GENERATOR, NAME);
});

afterAll(async () => {
  api?.close();
  await server?.stop();
  await rm(base, { recursive: true, force: true });
});

/** Passes all that is asked of the host itself. */
const seedHost = (): MemoryHost =>
  new MemoryHost({ '/kubeconfig': server.kubeconfig, '/usr/local/bin/dnsmasq_config.sh': '' }, ([program]) =>
    program === 'ostree' ? { stdout: 'set-default' } : {},
  );

const connect = () => connectKubernetes(host.files, '/kubeconfig', { retrySeconds: 1 });

async function tellNode(ready: string): Promise<void> {
  const conditions = [{ type: 'Ready', status: ready }];
  const body = { status: { conditions } };
  await api.patch(
    { apiVersion: 'v1', kind: 'Node' },
    { name: 'n1' },
    { type: 'merge', body, isStatus: true },
  );
}

function controller(create: ControllerContext['create']): Promise<void> {
  const running = runSeedController({
    ...{ host, logger: silentLogger, connect, namespace: NAMESPACE, recertImage: 'r.test/recert:1', create },
    ...{ now: () => new Date(), signal: stop.signal, pace: 0.01 },
  });
  running.catch(() => {}); // for those that are looked at later on
  return running;
}

async function ask(metadata: object = {}): Promise<void> {
  while ((await api.findResource(SEED_GENERATOR)) === undefined) await sleep(20);
  await api.create({ ...SEED_GENERATOR, metadata: { ...NAME, ...metadata }, spec: { seedImage: IMAGE } });
}

async function outcome(): Promise<KubernetesObject & { status: SeedGeneratorStatus }> {
  for (;;) {
    const there = await api.get(SEED_GENERATOR, NAME).catch(() => undefined);
    const status = there?.['status'] as SeedGeneratorStatus | undefined;
    if (there !== undefined && status !== undefined && isFinished(status)) return { ...there, status };
    await sleep(20);
  }
}

const stored = () =>
  Promise.all(['lca.openshift.io', `secrets/${NAMESPACE}`].map((p) => server.stored(`/registry/${p}/`)));

test('an image is made while nothing that asked for it is in etcd, and the course is told with times', async () => {
  const requests: CreateRequest[] = [];
  const left: string[][] = [];
  await api.create({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'over', namespace: 'default' } },
    spec: { containers: [{ name: 'c', image: 'r.test/c:1' }] },
  });
  const over = { type: 'merge' as const, body: { status: { phase: 'Succeeded' } }, isStatus: true };
  await api.patch({ apiVersion: 'v1', kind: 'Pod' }, { name: 'over', namespace: 'default' }, over);
  controller(async (request) => {
    requests.push(request);
    await server.stopServer();
    left.push(...(await stored()), await server.stored('/registry/pods/'));
    await server.startServer();
    return `${IMAGE}@sha256:1`;
  });
  await ask({ finalizers: [FINALIZER], labels: { site: 'a' } });
  const { metadata, spec, status } = await outcome();
  expect(left).toEqual([[], [], []]);
  expect(requests).toEqual([
    { image: IMAGE, authfile: expect.stringContaining('/auth.json'), recertImage: 'r.test/recert:1' },
  ]);
  expect(metadata).toMatchObject({ labels: { site: 'a' }, finalizers: [FINALIZER] });
  expect(spec).toEqual({ seedImage: IMAGE });
  expect(status.conditions).toMatchObject([
    { type: 'SeedGenInProgress', status: 'False', reason: 'Completed' },
    { type: 'SeedGenCompleted', status: 'True', reason: 'Completed' },
  ]);
  expect(status.phases.map(({ phase }) => phase)).toEqual([
    'Waiting for system to stabilize',
    'Starting seed generation',
    'Preparing for seed generation',
    'Cleaning cluster resources',
    'Launching imager container',
    'Finalizing seed generation',
  ]);
  const times = status.phases.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt]);
  const inOrder = [status.startedAt, ...times, status.completedAt];
  expect(inOrder).not.toContain(undefined);
  expect(inOrder).toEqual([...inOrder].sort());
  const secret = await api.get(
    { apiVersion: 'v1', kind: 'Secret' },
    { name: 'seedgen', namespace: NAMESPACE },
  );
  expect(secret?.['data']).toEqual(SECRET.data);
  expect(Object.keys(host.files.tree()).filter((path) => path.startsWith('/var'))).toEqual([]);
  await api.patch(SEED_GENERATOR, NAME, { type: 'merge', body: { metadata: { finalizers: null } } });
}, 300_000);

test('a system that can not be a seed is refused with every reason', async () => {
  await host.files.remove('/usr/local/bin/dnsmasq_config.sh');
  const volume = { apiVersion: 'v1', kind: 'PersistentVolume' };
  const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } };
  await api.create({ ...volume, metadata: { name: 'pv-1' }, spec });
  controller(async () => expect.unreachable());
  await ask();
  const { status } = await outcome();
  await api.delete(volume, { name: 'pv-1' });
  expect(status.conditions.at(-1)).toMatchObject({
    type: 'SeedGenCompleted',
    status: 'False',
    reason: 'Failed',
  });
  const { message } = status.conditions.at(-1) ?? {};
  expect(message).toMatch(/^Seed generation failed: .*dnsmasq: .*; persistent volumes: .*pv-1/);
}, 300_000);

test('it waits for the cluster to be healthy and says for what; a deleted object is forgotten', async () => {
  await tellNode('False');
  const made: string[] = [];
  controller(async ({ image }) => {
    made.push(image);
    return image;
  });
  await ask();
  const message = async (): Promise<string | undefined> => {
    const status = (await api.get(SEED_GENERATOR, NAME))?.['status'] as SeedGeneratorStatus | undefined;
    return status?.conditions.at(-1)?.message;
  };
  while ((await message()) !== 'Waiting for system to stabilize: node: node n1 is not ready') await sleep(20);
  await api.delete(SEED_GENERATOR, NAME);
  await tellNode('True');
  await sleep(500);
  expect(made).toEqual([]);
  await ask();
  await outcome();
  expect(made).toEqual([IMAGE]);
}, 300_000);

test('what a killed controller had begun is finished by the next one', async () => {
  const killed = controller(async () => {
    throw new TypeError('killed');
  });
  await ask();
  await expect(killed).rejects.toThrow('killed');
  expect(await stored()).toEqual([[], []]);
  controller(async () => IMAGE);
  const { status } = await outcome();
  expect(status.conditions.at(-1)).toMatchObject({ type: 'SeedGenCompleted', status: 'True' });
  expect(status.phases.filter(({ phase }) => phase === 'Launching imager container')).toHaveLength(1);
}, 300_000);

test('a failed run is told, with everything back in its place', async () => {
  controller(async () => {
    throw new Failure({ code: 'seed/x', message: 'the registry is full' });
  });
  await ask();
  const { status } = await outcome();
  expect(status.conditions.at(-1)?.message).toBe('Seed generation failed: the registry is full');
  expect((await stored()).map((keys) => keys.length)).toEqual([1, 1]);
}, 300_000);
