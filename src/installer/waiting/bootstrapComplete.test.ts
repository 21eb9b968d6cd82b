import { expect, test } from 'vitest';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import { waitForBootstrap } from './bootstrapComplete.ts';
import { type FakeAnswers, fakeCluster, linesOf } from './testing.ts';

const BOOTSTRAP = '/api/v1/namespaces/kube-system/configmaps/bootstrap';
const ETCD = '/apis/operator.openshift.io/v1/etcds/cluster';
const OPERATORS = '/apis/config.openshift.io/v1/clusteroperators';
const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/openshift-machine-api/baremetalhosts';
const refused = (port: number): Error =>
  Object.assign(new Error(`connect 192.0.2.1:${port}: connection refused`), { code: 'ECONNREFUSED' });

const removed = (status: string): object => ({
  status: { conditions: [{ type: 'EtcdBootstrapMemberRemoved', status }] },
});
const host = (state: string, error = ''): object => ({
  metadata: { name: 'm0' },
  status: {
    provisioning: { state },
    ...(error !== '' && { operationalStatus: 'error', errorType: 'inspection error', errorMessage: error }),
  },
});

/** An installation that goes well: every answer from that second on. */
const goesWell: FakeAnswers = (path, seconds) => {
  if (seconds < 10) return refused(seconds);
  if (path === '/version') return { gitVersion: 'v1.33.1' };
  if (path === BOOTSTRAP && seconds >= 20) return { data: seconds >= 30 ? { status: 'complete' } : {} };
  if (path === ETCD) return removed(seconds >= 40 ? 'True' : 'False');
  return undefined;
};

async function bootstrap(answers: FakeAnswers, isBareMetal = false) {
  const kept: (readonly KubernetesObject[])[] = [];
  const keepHosts = async (hosts: readonly KubernetesObject[]): Promise<void> => void kept.push(hosts);
  const { waiting, told, clock } = fakeCluster(answers);
  const failure = await waitForBootstrap(waiting, { isBareMetal, keepHosts }).catch(
    (cause: unknown) => cause,
  );
  return { failure, told, clock, kept };
}

test('the steps of a bootstrap are told one after another', async () => {
  const { failure, told } = await bootstrap(goesWell);
  expect(failure).toBeUndefined();
  expect(linesOf(told, 'info', 'warning', 'error')).toEqual([
    'info Waiting up to 20m0s (until 3:04PM UTC) for the Kubernetes API at https://api.test:6443...',
    'info API v1.33.1 up',
    'info Waiting up to 45m0s (until 3:29PM UTC) for bootstrapping to complete...',
    'info Waiting for the bootstrap etcd member to be removed...',
    'info Bootstrap etcd member has been removed',
    'info It is now safe to remove the bootstrap resources',
  ]);
  expect(linesOf(told, 'debug')).toEqual([
    'debug Still waiting for the Kubernetes API: connect 192.0.2.1:0: connection refused',
    'debug ConfigMap bootstrap does not exist',
    'debug No status found in bootstrap configmap',
    'debug Bootstrap status: complete',
  ]);
});

test('an API that never comes up is told with its last error, and what it means', async () => {
  const { failure, told, clock } = await bootstrap(() => refused(6443));
  expect(failure).toMatchObject({
    code: 'installer/bootstrap-failed',
    message: expect.stringMatching(/^Failed waiting for Kubernetes API\. /),
  });
  expect(linesOf(told, 'error').at(-1)).toBe(
    'error Bootstrap failed to complete: connect 192.0.2.1:6443: connection refused',
  );
  expect(clock.seconds).toBe(20 * 60);
  // Every fifteenth time, although nothing changed.
  expect(linesOf(told, 'debug')).toHaveLength(Math.ceil((20 * 30 + 1) / 15));
});

test('a bootstrap that does not end names the operators that are not well', async () => {
  const conditions = [
    { type: 'Available', status: 'False', reason: 'NoPods', message: 'none runs' },
    { type: 'Degraded', status: 'False' },
    { type: 'Progressing', status: 'True', reason: 'Rollout', message: 'one of three' },
    { type: 'Upgradeable', status: 'False' },
  ];
  const { failure, told, clock } = await bootstrap((path) => {
    if (path === '/version') return { gitVersion: 'v1' };
    if (path === OPERATORS) return { items: [{ metadata: { name: 'etcd' }, status: { conditions } }] };
    return path === BOOTSTRAP ? { data: { status: 'running' } } : undefined;
  });
  expect(clock.seconds).toBe(45 * 60);
  expect(failure).toMatchObject({
    message: expect.stringMatching(/^Failed to wait for bootstrapping to complete\. /),
  });
  expect(linesOf(told, 'info', 'error').slice(-5)).toEqual([
    'error Cluster operator etcd Available is False with NoPods: none runs',
    'info Cluster operator etcd Progressing is True with Rollout: one of three',
    'info Use the following commands to gather logs from the cluster',
    'info openshift-install gather bootstrap --help',
    'error Bootstrap failed to complete: timed out waiting for the condition',
  ]);
});

test('bare metal has more time, and its hosts are told as they change', async () => {
  const states = ['', 'inspecting', 'inspecting', 'provisioned'];
  const { told, kept } = await bootstrap((path, seconds) => {
    if (path !== HOSTS) return goesWell(path, seconds);
    const state = states[Math.floor(seconds - 10) / 2] ?? 'provisioned';
    return { items: [host(state, state === 'inspecting' ? 'no power' : '')] };
  }, true);
  expect(linesOf(told, 'info', 'error').slice(2, 9)).toEqual([
    'info Waiting up to 1h0m0s (until 3:44PM UTC) for bootstrapping to complete...',
    'info   Waiting for baremetal control plane to provision...',
    'info     m0: uninitialized',
    'info     m0: inspecting',
    'error     m0: inspection error: no power',
    'info     m0: provisioned',
    'info   Baremetal control plane finished provisioning.',
  ]);
  expect(kept).toHaveLength(3);
});

test('hosts are not waited for when bootstrapping is complete without them', async () => {
  const { failure, clock } = await bootstrap(goesWell, true);
  expect(failure).toBeUndefined();
  expect(clock.seconds).toBe(40);
});

test('a cluster without an operator of etcd is warned about, not waited for', async () => {
  const { failure, told } = await bootstrap((path, seconds) =>
    path === '/apis/operator.openshift.io/v1' ? { resources: [] } : goesWell(path, seconds),
  );
  expect(failure).toBeUndefined();
  expect(linesOf(told, 'warning')).toEqual([
    'warning Bootstrap etcd member may not have been removed: the API server does not serve Etcd of operator.openshift.io/v1',
  ]);
});
