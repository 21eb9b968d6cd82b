import { expect, test } from 'vitest';
import type { EtcChange } from '#system/ostree.ts';
import { planEtc, planVarArchive } from './contents.ts';

const change = (kind: EtcChange['change'], path: string): EtcChange => ({ change: kind, path });

test('changes of etc travel, deletions are listed, names keep their blanks', () => {
  const plan = planEtc([
    change('modified', 'two words'),
    change('added', 'new\nline'),
    change('deleted', 'a b'),
  ]);
  expect(plan).toEqual({ archived: ['etc/two words', 'etc/new\nline'], deleted: ['/etc/a b'] });
});

test.each([
  'hostname',
  'NetworkManager/system-connections/eth0.nmconnection',
  'NetworkManager/system-connections',
  'openvswitch/conf.db',
  'openvswitch/.conf.db.~lock~',
  'machine-config-daemon/orig/var/lib/kubelet/config.json',
  'cni/multus/certs/key.pem',
  'kubernetes/recert-seed-creation-summary.yaml',
])('%s stays on the seed', (path) => {
  expect(planEtc([change('added', path)]).archived).toEqual([]);
});

test.each(['hostname.bak', 'openvswitch/conf.db2', 'NetworkManager/conf.d/x'])('%s travels', (path) => {
  expect(planEtc([change('added', path)]).archived).toEqual([`etc/${path}`]);
});

test('managed files stand before the exclusions', () => {
  const plan = planVarArchive(['var/lib/containers/managed']);
  expect(plan[0]).toBe('--add-file=var/lib/containers/managed');
  expect(plan.at(-1)).toBe('var');
});
