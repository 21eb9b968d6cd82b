import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCoreosIso } from '../contract/coreosIso.ts';
import {
  type ContractCase,
  differingPaths,
  isExpected,
  readContract,
  readExpectedDifferences,
  recordedFacts,
  runStep,
  writeTree,
} from './contractCase.ts';
import { stepsOf } from './recordedSteps.ts';

const CONFIG_IMAGE = ['image-based', 'create', 'config-image'];
/** Cases of one command. */
const SINGLE: readonly { readonly name: string; readonly argv: readonly string[] }[] = [
  { name: 'ibi-config-image-min', argv: CONFIG_IMAGE },
  { name: 'ibi-config-image-full', argv: CONFIG_IMAGE },
  { name: 'ibi-config-image-trust-proxyonly', argv: CONFIG_IMAGE },
  { name: 'ibi-config-image-unknown-ic-field', argv: CONFIG_IMAGE },
  { name: 'ibi-config-template', argv: ['image-based', 'create', 'config-template'] },
  { name: 'ibi-image-config-template', argv: ['image-based', 'create', 'image-config-template'] },
  { name: 'ibi-image-config-template-existing', argv: ['image-based', 'create', 'image-config-template'] },
  { name: 'ibi-image-min', argv: ['image-based', 'create', 'image', '--base-iso', '../../live.iso'] },
  { name: 'version', argv: ['version'] },
];

/** Cases whose steps are in their text. */
const SEVERAL = [
  'none-sno',
  'none-sno-min',
  'none-ha',
  'none-sno-arm64',
  'none-sno-bip',
  'none-sno-customgates',
  'none-sno-manifests-then-ign',
  'none-sno-unknown-field',
  'external-sno',
  'baremetal-ha',
];

/** The edit between the commands of `none-sno-manifests-then-ign`, as its text tells it. */
async function editManifests(root: string): Promise<void> {
  await writeTree(root, {
    'openshift/99_extra-mc.yaml':
      'apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata:\n  name: 99-extra\n',
    'manifests/zz-extra.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"extra"}}',
  });
  await appendFile(join(root, 'manifests/cluster-ingress-02-config.yml'), '# edited\n');
}
const EDITS: Readonly<
  Record<string, { readonly of: string; readonly edit: (root: string) => Promise<void> }>
> = {
  '2-edited': { of: '1-manifests', edit: editManifests },
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-recorded-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** The differences of a case, as `case/step: path`, and the directory of each step. */
async function differences(name: string): Promise<{ readonly step: string; readonly path: string }[]> {
  const contract = await readContract(name);
  const found: { step: string; path: string }[] = [];
  for (const step of stepsFor(contract)) {
    const folder = await prepareFolder(contract, step);
    const paths = differingPaths(recordedFacts(contract, step.name), await runStep(contract, folder, step));
    found.push(...paths.map((path) => ({ step: step.name, path })));
  }
  return found;
}

function stepsFor(contract: ContractCase) {
  const single = SINGLE.find(({ name }) => name === contract.case);
  return single === undefined ? stepsOf(contract) : [{ name: 'run', argv: single.argv, env: {} }];
}

async function prepareFolder(
  contract: ContractCase,
  step: { readonly name: string; readonly follows?: string },
): Promise<string> {
  const folder = folderOf(contract, step.name);
  const edit = step.follows === undefined ? undefined : EDITS[step.follows];
  const source = edit?.of ?? nameOfStep(contract, step.follows);
  if (source === undefined) await writeTree(folder, { '.keep': '', ...contract.in });
  else await cp(folderOf(contract, source), folder, { recursive: true });
  await rm(join(folder, '.keep'), { force: true });
  await edit?.edit(folder);
  return folder;
}

const folderOf = (contract: ContractCase, step: string): string => join(root, contract.case, step);

/** `3` stands for the step whose name begins with it. */
const nameOfStep = (contract: ContractCase, follows: string | undefined): string | undefined =>
  follows === undefined ? undefined : Object.keys(contract.steps).find((name) => name.startsWith(follows));

describe('recorded cases of the original', () => {
  it('differ only where a row says so, and every row is needed', { timeout: 600_000 }, async () => {
    await makeCoreosIso({ folder: root, igninfo: { file: 'images/ignition.img' } });
    const rows = (await readExpectedDifferences()).filter((row) => !row.case.includes('/'));
    const used = new Set<unknown>();
    const surprises: string[] = [];
    for (const name of [...SINGLE.map((each) => each.name), ...SEVERAL]) {
      for (const { step, path } of await differences(name)) {
        const row = rows.find((candidate) => isExpected(candidate, name, path));
        if (row === undefined) surprises.push(`${name}/${step}: ${path}`);
        else used.add(row);
      }
    }
    expect(surprises).toEqual([]);
    expect(rows.filter((row) => !used.has(row))).toEqual([]);
  });
});
