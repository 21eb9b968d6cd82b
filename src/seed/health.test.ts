import { expect, test } from 'vitest';
import { findHealthProblems } from './health.ts';
import { fakeCluster, object } from './testing.ts';

const conditions = (...pairs: [string, string][]) => ({
  status: { conditions: pairs.map(([type, status]) => ({ type, status })) },
});
const node = object('v1', 'Node', 'n1', conditions(['Ready', 'True']));
const operator = (...pairs: [string, string][]) =>
  object('config.openshift.io/v1', 'ClusterOperator', 'dns', conditions(...pairs));
const pool = (status: Record<string, number>) =>
  object('machineconfiguration.openshift.io/v1', 'MachineConfigPool', 'master', { status });
const version = (name: string, phase: string) =>
  object('operators.coreos.com/v1alpha1', 'ClusterServiceVersion', name, {
    namespace: 'x',
    status: { phase },
  });
const request = (...pairs: [string, string][]) =>
  object('certificates.k8s.io/v1', 'CertificateSigningRequest', 'csr-1', conditions(...pairs));

test.each([
  ['a ready node alone', [], []],
  ['a good operator', [operator(['Available', 'True'], ['Progressing', 'False'], ['Degraded', 'False'])], []],
  ['an operator without conditions', [operator()], ['cluster operators: operator dns is not available']],
  [
    'a degraded, progressing operator',
    [operator(['Available', 'True'], ['Progressing', 'True'], ['Degraded', 'True'])],
    ['cluster operators: operator dns is progressing, degraded'],
  ],
  ['a pool with all machines', [pool({ machineCount: 1, readyMachineCount: 1 })], []],
  [
    'a pool that updates',
    [pool({ machineCount: 1 })],
    ['machine config pools: pool master has 0 of 1 machines ready'],
  ],
  ['a failed CSV', [version('v', 'Failed')], ['cluster service versions: x/v has not succeeded']],
  ["lifecycle-agent's own CSV", [version('lifecycle-agent.v4', 'Installing')], []],
  ['an approved CSR', [request(['Approved', 'True'])], []],
  [
    'a denied CSR',
    [request(['Approved', 'False'])],
    ['certificate signing requests: request csr-1 is not approved'],
  ],
  [
    'a second node',
    [object('v1', 'Node', 'n2', conditions(['Ready', 'True']))],
    ['node: the cluster has 2 nodes instead of one'],
  ],
])('%s', async (_what, objects, problems) => {
  expect(await findHealthProblems(fakeCluster([node, ...objects]))).toEqual(problems);
});

test.each([
  ['Succeeded', []],
  ['InProgress', ['SR-IOV networks: the state of node n1 has not succeeded']],
])('SR-IOV that is %s', async (syncStatus, problems) => {
  const state = object('sriovnetwork.openshift.io/v1', 'SriovNetworkNodeState', 'n1', {
    status: { syncStatus },
  });
  expect(await findHealthProblems(fakeCluster([node, state]))).toEqual(problems);
});

test('SR-IOV that says nothing of the node yet, and a node without network', async () => {
  const offline = object('v1', 'Node', 'n1', conditions(['Ready', 'True'], ['NetworkUnavailable', 'True']));
  const cluster = fakeCluster([offline], ['SriovNetworkNodeState']);
  expect(await findHealthProblems(cluster)).toEqual([
    'node: the network of node n1 is unavailable',
    'SR-IOV networks: there is no state of any node',
  ]);
});

test('a node that is not ready', async () => {
  const cluster = fakeCluster([object('v1', 'Node', 'n1', conditions(['Ready', 'Unknown']))]);
  expect(await findHealthProblems(cluster)).toEqual(['node: node n1 is not ready']);
});
