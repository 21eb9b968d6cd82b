import { expect, it } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { placed } from './refusedInput.ts';
import { validateDirectory } from './validateDirectory.ts';

const SINGLE_NODE = `apiVersion: v1
baseDomain: site.test
metadata:
  name: clone
controlPlane:
  replicas: 1
compute:
- name: worker
  replicas: 0
platform:
  none: {}
pullSecret: '{"auths":{"registry.test":{"auth":"eA=="}}}'
networking: {networkType: OVNKubernetes}
`;
const INSTALLATION = `pullSecret: '{"auths":{"registry.test":{"auth":"eA=="}}}'
seedImage: registry.test/seed:1
seedVersion: 4.19.0
installationDisk: /dev/sda
`;

const validate = (files: Record<string, string>, unknownKeys: 'error' | 'warning' = 'error') => {
  const tree = Object.entries(files).map(([path, content]) => [`/dir/${path}`, content]);
  return validateDirectory('/dir', new MemoryHost(Object.fromEntries(tree)).files, unknownKeys);
};

it('finds nothing wrong with good files, and names every one', async () => {
  const files = {
    'install-config.yaml': SINGLE_NODE,
    'image-based-config.yaml': 'hostname: node.test\n',
    'image-based-installation-config.yaml': INSTALLATION,
    'extra-manifests/a.yaml': 'a: 1\n---\nb: 2\n',
    'extra-manifests/b.json': '{"a": "} {"}\n[1]\n',
    'manifests/cluster-config.yaml': 'a: 1\n',
    'openshift/99_a.yml': 'a: 1\n',
    'worker.ign': '{"ignition":{"version":"3.2.0"}}',
  };
  const report = await validate({ ...files, 'notes.txt': ': : :' });
  expect(report.problems).toEqual([]);
  expect(report.files.toSorted()).toEqual(Object.keys(files).toSorted());
});

it('tells all problems of all files, with their places', async () => {
  const { problems } = await validate({
    'install-config.yaml': SINGLE_NODE.replace('site.test', 'Site.test').replace('none: {}', 'moon: {}'),
    'image-based-config.yaml': 'hostname: node.test\nbogus: 1\n',
    'image-based-installation-config.yaml': `${INSTALLATION}sshKey: none\nignitionConfigOverride: '{"ignition":{"version":"1"}}'\n`,
    'extra-manifests/a.yaml': 'a: 1\nb: [\n',
    'extra-manifests/b.json': '{"a": 1,\n "b": [}\n',
    'manifests/c.yaml': 'a: {\n',
    'openshift/d.yaml': 'a: 1\na: 2\n',
    'master.ign': '{\n  "ignition": {"version": "3.2.0"\n',
    'worker.ign': '{"ignition":{"version":"9.9.9"}}',
  });
  expect(problems.map((found) => placed(found).replace(/: Invalid value.*/, ': Invalid value'))).toEqual([
    'install-config.yaml:11:3: platform.moon: unknown field',
    'install-config.yaml:2:1: baseDomain: Invalid value',
    'install-config.yaml:10:1: platform: Invalid value',
    'image-based-config.yaml:2:1: bogus: unknown field',
    'image-based-installation-config.yaml:5:1: sshKey: Invalid value',
    'image-based-installation-config.yaml:6:1: ignitionConfigOverride: unsupported config version',
    'extra-manifests/a.yaml:3:1: is not valid YAML (bad indent)',
    'extra-manifests/b.json:2:8: is not valid JSON',
    'manifests/c.yaml:2:1: is not valid YAML (bad indent)',
    'openshift/d.yaml:2:1: is not valid YAML (duplicate key)',
    'master.ign:3:1: is not valid JSON',
    'worker.ign: unsupported config version',
  ]);
});

it('looks into the Ignition config of an installation ISO', async () => {
  const text = `${INSTALLATION}ignitionConfigOverride: '{"ignition":{"version":"1"}}'\n`;
  const { problems } = await validate({ 'image-based-installation-config.yaml': text });
  expect(problems.map(placed)).toEqual([
    'image-based-installation-config.yaml:5:1: ignitionConfigOverride: unsupported config version',
  ]);
});

it('takes unknown fields for warnings where they are allowed', async () => {
  const { problems } = await validate({ 'install-config.yaml': `${SINGLE_NODE}bogus: 1\n` }, 'warning');
  expect(problems).toMatchObject([{ path: 'bogus', severity: 'warning', position: { line: 14, column: 1 } }]);
});

it('warns of what only the single-node target refuses', async () => {
  const three = SINGLE_NODE.replace('replicas: 1', 'replicas: 3');
  const { problems } = await validate({
    'install-config.yaml': `${three}bootstrapInPlace: {installationDisk: /dev/sda}\n`,
  });
  expect(problems).toMatchObject([{ path: 'controlPlane.replicas', severity: 'warning' }]);
});

it('does not take a directory without inputs for a good one', async () => {
  await expect(validate({ 'notes.txt': 'mine' })).rejects.toThrow('/dir has no input files');
});
