import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterFacts } from './facts.ts';
import { identityRows, type WantedIdentity } from './rows.ts';

const identity = (name: string): WantedIdentity => ({
  clusterName: name,
  baseDomain: `${name}.test`,
  hostname: `${name}-host`,
  nodeIp: `ip-of-${name}`,
  clusterId: `id-of-${name}`,
});

function factsOf(name: string): ClusterFacts {
  const wanted = identity(name);
  const one = (place: string) => new Map([[place, `${place} of ${name}`]]);
  return {
    apiServerUrl: `https://api.${wanted.clusterName}.${wanted.baseDomain}:6443`,
    infrastructureName: `${name}-infra`,
    clusterId: wanted.clusterId,
    baseDomain: `${wanted.clusterName}.${wanted.baseDomain}`,
    nodeName: wanted.hostname,
    nodeIp: wanted.nodeIp,
    machineId: `${name}-machine`,
    etcdMemberId: `${name}-member`,
    etcdClusterId: `${name}-etcd`,
    signers: one('ns/signer'),
    leaves: one('ns/leaf'),
    serviceAccountKeys: one('ns/sa'),
    sshHostKeys: one('/etc/ssh/key'),
    tokens: one('ns/token'),
    freshToken: `${name}-fresh`,
  };
}

const failing = (seed: ClusterFacts, clone: ClusterFacts) =>
  identityRows(seed, clone, identity('two'))
    .filter((row) => !row.ok)
    .map((row) => row.what);

test('two clusters with nothing in common pass every row', () => {
  expect(failing(factsOf('one'), factsOf('two'))).toEqual([]);
});

test('any single fact that the clone took over from the seed fails', () => {
  const seed = factsOf('one');
  const names = Object.keys(seed).filter(
    (name) => !['tokens', 'freshToken'].includes(name),
  ) as (keyof ClusterFacts)[];
  fc.assert(
    fc.property(fc.constantFrom(...names), (name) => {
      expect(failing(seed, { ...factsOf('two'), [name]: seed[name] })).not.toEqual([]);
    }),
  );
});

test('a fingerprint of the seed is found in another place of the clone too', () => {
  const seed = factsOf('one');
  const moved = new Map([...factsOf('two').leaves, ['ns/elsewhere', seed.signers.get('ns/signer')!]]);
  expect(failing(seed, { ...factsOf('two'), signers: moved })).toEqual(['signer ns/elsewhere']);
});

test('a comparison that found nothing to compare fails', () => {
  expect(failing(factsOf('one'), { ...factsOf('two'), signers: new Map() })).toContain('signer');
});
