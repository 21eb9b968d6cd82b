import { describe, expect, test } from 'vitest';
import {
  belongsToMachineAsset,
  isPathOfKind,
  machineConfigPath,
  machineFilePath,
  userDataPath,
} from './machineFiles.ts';

describe('machineFilePath', () => {
  test.each([
    [0, 1, '0'],
    [9, 9, '9'],
    [0, 10, '00'],
    [9, 10, '09'],
    [7, 99, '07'],
    [7, 100, '007'],
  ])('index %i of %i is written %s', (index, total, written) => {
    expect(machineFilePath('hosts', index, total)).toBe(
      `openshift/99_openshift-cluster-api_hosts-${written}.yaml`,
    );
  });
});

describe('belongsToMachineAsset', () => {
  test.each([
    userDataPath('master'),
    userDataPath('arbiter'),
    userDataPath('worker'),
    machineConfigPath('99-worker-fips'),
    machineFilePath('arbiterHosts', 0, 1),
    machineFilePath('fencingSecrets', 1, 2),
    machineFilePath('workerMachineSets', 0, 1),
  ])('%s does', (path) => {
    expect(belongsToMachineAsset(path)).toBe(true);
  });

  test.each([
    'openshift/99_feature-gate.yaml',
    'openshift/99_openshift-installer-ignition_master.yaml',
    'manifests/99_openshift-machineconfig_99-worker-ssh.yaml',
    'openshift/99_openshift-cluster-api_hosts-0.json',
    'openshift/99_extra-mc.yaml',
  ])('%s does not', (path) => {
    expect(belongsToMachineAsset(path)).toBe(false);
  });

  test('a host of the arbiter is no other host', () => {
    expect(isPathOfKind(machineFilePath('arbiterHosts', 0, 1), 'hosts')).toBe(false);
  });
});
