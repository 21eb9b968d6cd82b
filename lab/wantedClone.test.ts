import { expect, test } from 'vitest';
import { wantedClone, wantedFleet } from './wantedClone.ts';

test('each clone of a fleet has a name, a host and an address of its own, none of them taken', () => {
  const taken = ['192.168.150.10', '192.168.150.21'];
  const fleet = wantedFleet({ name: 'store', baseDomain: 'b.example' }, 3, taken);
  expect(fleet.map(({ clusterName, hostname, nodeIp }) => [clusterName, hostname, nodeIp])).toEqual([
    ['store-1', 'store-1-node', '192.168.150.20'],
    ['store-2', 'store-2-node', '192.168.150.22'],
    ['store-3', 'store-3-node', '192.168.150.23'],
  ]);
  expect(new Set(fleet.map(({ clusterId }) => clusterId)).size).toBe(3);
  expect(new Set(fleet.map(({ baseDomain }) => baseDomain))).toEqual(new Set(['b.example']));
});

test('two fleets without a name do not meet', () => {
  const names = () => wantedFleet({}, 2, []).map(({ clusterName }) => clusterName);
  expect(names()).not.toEqual(names());
});

test.each(['a-name-too-long-', 'Store', 'a_b', '-a', ''])('%j is refused before anything is made', (name) => {
  expect(() => wantedClone({ name }, [])).toThrow(/is not usable as the name of a clone/);
});

test('the number counts: a fleet whose last name is too long is refused', () => {
  const name = 'a'.repeat(13);
  expect(wantedFleet({ name }, 9, [])).toHaveLength(9);
  expect(() => wantedFleet({ name }, 10, [])).toThrow(/-10" is not usable/);
});
