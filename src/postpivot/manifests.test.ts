import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeMustHave, parseManifests } from './manifests.ts';

const object = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { name } });
const namesIn = (text: string): string[] => {
  const result = parseManifests('f.yaml', text);
  if (!result.ok) throw new Error(JSON.stringify(result.report));
  return result.value.map((manifest) => manifest.object.metadata.name ?? '');
};

describe('parseManifests', () => {
  it('reads several documents, with empty ones between them', () => {
    const text = `---\n${JSON.stringify(object('Namespace', 'a'))}\n---\n# nothing\n---\n${JSON.stringify(object('ConfigMap', 'b'))}\n`;
    expect(namesIn(text)).toEqual(['a', 'b']);
  });

  it('takes lists apart', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [object('ConfigMap', 'a'), object('ConfigMap', 'b')],
    };
    expect(namesIn(JSON.stringify(list))).toEqual(['a', 'b']);
  });

  it('reads nothing from comments alone', () => {
    expect(namesIn('# nothing\n')).toEqual([]);
  });

  it.each([
    ['replace', 'replace'],
    ['merge', 'merge'],
  ])('knows apply-type %s', (annotation, applyType) => {
    const text = JSON.stringify({
      ...object('ConfigMap', 'a'),
      metadata: { name: 'a', annotations: { 'lca.openshift.io/apply-type': annotation } },
    });
    expect(parseManifests('f', text)).toMatchObject({ ok: true, value: [{ applyType }] });
  });

  it.each([
    ['broken YAML', 'a: [1'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'],
    ['no object', '- a\n'],
    [
      'another apply-type',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {lca.openshift.io/apply-type: x}}\n',
    ],
  ])('refuses %s', (_, text) => {
    expect(parseManifests('f.yaml', text).ok).toBe(false);
  });

  it('never quotes the text in a problem', () => {
    const result = parseManifests('f.yaml', 'kind: Secret\nstringData: {password: "hunter2\n');
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result.report)).not.toContain('hunter2');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseManifests('f.yaml', text)));
  });
});

describe('mergeMustHave', () => {
  it('merges mappings, matches list items by name and keeps the others', () => {
    const existing = { a: 1, keep: true, list: [{ name: 'x', v: 1, w: 1 }, { name: 'y' }], plain: ['p'] };
    const desired = { a: 2, list: [{ name: 'x', v: 2 }, { name: 'z' }], plain: ['p', 'q'] };
    expect(mergeMustHave(existing, desired)).toEqual({
      a: 2,
      keep: true,
      list: [{ name: 'x', v: 2, w: 1 }, { name: 'y' }, { name: 'z' }],
      plain: ['p', 'q'],
    });
  });

  it('is repeatable', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (existing, desired) => {
        const once = mergeMustHave(existing, desired);
        expect(mergeMustHave(once, desired)).toEqual(once);
      }),
    );
  });
});
