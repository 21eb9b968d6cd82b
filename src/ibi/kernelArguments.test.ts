import { expect, test } from 'vitest';
import { planKernelArguments } from './kernelArguments.ts';

const machineConfig = { kernelArguments: ['a="b c"', 'console=x'], fips: false, filePaths: [] };
const facts = { machineConfig, coreosInstallerArgs: [], ownLayout: false };

test("takes the machine config's arguments as they are", () => {
  expect(planKernelArguments(facts)).toEqual(['a="b c"', 'console=x']);
});

test('FIPS needs to find the boot partition', () => {
  const fips = { ...facts, machineConfig: { ...machineConfig, fips: true } };
  expect(planKernelArguments(fips).slice(2)).toEqual(['fips=1', 'boot=LABEL=boot']);
});

test('our own layout says where the root is, first', () => {
  expect(planKernelArguments({ ...facts, ownLayout: true }).slice(0, 2)).toEqual(['root=LABEL=root', 'rw']);
});

test("the user's additions and removals reach the final deployment, in both spellings", () => {
  const coreosInstallerArgs = [
    '--append-karg',
    'u=1',
    '--append-karg=v=2',
    '--delete-karg',
    'console=x',
    '--save-partindex',
    '5',
  ];
  expect(planKernelArguments({ ...facts, coreosInstallerArgs })).toEqual(['a="b c"', 'u=1', 'v=2']);
});
