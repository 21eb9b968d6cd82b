import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stateFileEntry } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { memoryTarget } from '../testing.ts';
import { cvoIgnore } from './cvoIgnore.ts';
import { makeManifests } from './testing.ts';

const filesIn = (files: Readonly<Record<string, string>>): FileListValue => ({
  FileList: Object.entries(files).map(([path, text]) => stateFileEntry(path, text)),
});

/** What is made of manifests that lie in the state, as after "create manifests". */
async function ignored(
  common: Readonly<Record<string, string>>,
  openshift: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const state = new Map([
    ['*manifests.Manifests', filesIn(common)],
    ['*manifests.Openshift', filesIn(openshift)],
  ]);
  const { FileList } = await memoryTarget({ state }).store.fetch(cvoIgnore);
  return Object.fromEntries(
    FileList.map(({ Filename, Data }) => [Filename, Buffer.from(Data, 'base64').toString()]),
  );
}

const VERSION = 'manifests/cvo-overrides.yaml';
const CLUSTER_VERSION =
  'apiVersion: config.openshift.io/v1\nkind: ClusterVersion\nmetadata: {name: version}\nspec:\n  channel: c\n';
const map = (name: string, namespace = 'ns'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\n`;

describe('what the cluster version operator is to leave alone', () => {
  it('is every object that the installer brings, all documents of a file, and nothing else', async () => {
    const files = await ignored(
      { [VERSION]: CLUSTER_VERSION, 'manifests/two.yaml': `---\n${map('a')}---\n---\n${map('b')}` },
      { 'openshift/one.json': '{"apiVersion":"x.test/v1","kind":"K","metadata":{"name":"k"}}' },
    );
    expect(Object.keys(files)).toEqual([VERSION, 'original_cvo_overrides.patch']);
    const override = { group: '', kind: 'ConfigMap', namespace: 'ns', unmanaged: true };
    const made = parse(files[VERSION]!) as { spec: object };
    expect(made.spec).toEqual({
      channel: 'c',
      overrides: [
        { ...override, name: 'a' },
        { ...override, name: 'b' },
        { group: 'x.test', kind: 'K', namespace: '', name: 'k', unmanaged: true },
      ],
    });
  });

  it('is taken back by a patch, which knows what the user had there', async () => {
    const without = await ignored({ [VERSION]: CLUSTER_VERSION });
    expect(JSON.parse(without['original_cvo_overrides.patch']!)).toEqual({ spec: { overrides: null } });
    const own = [{ group: 'apps', kind: 'Deployment', name: 'd', namespace: 'ns', unmanaged: true }];
    const kept = await ignored({ [VERSION]: `${CLUSTER_VERSION}  overrides: ${JSON.stringify(own)}\n` });
    expect(JSON.parse(kept['original_cvo_overrides.patch']!)).toEqual({ spec: { overrides: own } });
    expect(parse(kept[VERSION]!)).toMatchObject({ spec: { overrides: own } });
  });

  it('covers all files of a new cluster', async () => {
    const { objects } = await makeManifests(cvoIgnore);
    const { spec } = objects['cvo-overrides.yaml'] as { spec: { overrides: { name: string }[] } };
    // 14 files in manifests/, itself left out, and 3 in openshift/.
    expect(spec.overrides).toHaveLength(16);
    expect(spec.overrides.map(({ name }) => name)).not.toContain('version');
  });
});

describe("manifests that can't be right", () => {
  it('are two for one object', async () => {
    await expect(
      ignored({ [VERSION]: CLUSTER_VERSION, 'manifests/a.yaml': map('x') }, { 'openshift/b.yaml': map('x') }),
    ).rejects.toThrow(
      'multiple manifests for group  kind ConfigMap namespace ns name x: manifests/a.yaml, openshift/b.yaml',
    );
    // The same name elsewhere is another object.
    const both = { 'manifests/a.yaml': map('x'), 'manifests/b.yaml': map('x', 'other') };
    await expect(ignored({ [VERSION]: CLUSTER_VERSION, ...both })).resolves.toBeDefined();
  });

  it.each([
    ['a: [', 'it is no valid YAML'],
    ['just text', 'it is no object'],
    ['apiVersion: v1\nmetadata: {}\n', 'it has no text in kind'],
    ['apiVersion: v1\nkind: K\nmetadata: {name: yes}\n', 'it has no text in metadata.name'],
  ])('are no objects: %j', async (text, reason) => {
    await expect(ignored({ [VERSION]: CLUSTER_VERSION, 'manifests/a.yaml': text })).rejects.toThrow(
      `could not unmarshal "manifests/a.yaml": ${reason}`,
    );
  });

  it("are those without the cluster's version, or with one whose overrides are no list", async () => {
    await expect(ignored({ 'manifests/a.yaml': map('a') })).rejects.toThrow(`${VERSION} is missing`);
    await expect(ignored({ [VERSION]: `${CLUSTER_VERSION}  overrides: 1\n` })).rejects.toThrow(
      'spec.overrides is no list',
    );
  });
});
