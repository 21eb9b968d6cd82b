import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseResource } from '#k8s/resource.ts';
import { MemoryHost } from '#system/testing.ts';
import type { Draft } from './applyRules.ts';
import { parseGivenObject, placeGivenObjects } from './givenObjects.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, type TestCluster, testMeans } from './testing.ts';

const birth = { now: new Date('2031-02-03T04:05:06.789Z'), random: randomBytes };
const MIRRORS = '/kubernetes.io/config.openshift.io/imagedigestmirrorsets/';
const CATALOGS = '/kubernetes.io/operators.coreos.com/catalogsources/';
const CRD = '/kubernetes.io/apiextensions.k8s.io/customresourcedefinitions/';

const mirrorSet = (name: string, source: string) => ({
  apiVersion: 'config.openshift.io/v1',
  kind: 'ImageDigestMirrorSet',
  metadata: { name, labels: { 'example.com/of': name } },
  spec: { imageDigestMirrors: [{ source, mirrors: ['mirror.example'] }] },
});
const stored = (object: ReturnType<typeof mirrorSet>) => ({
  ...object,
  metadata: { ...object.metadata, uid: 'old-uid', creationTimestamp: 'then', generation: 4 },
});

function draftOf(objects: Record<string, object>): Draft {
  return {
    objects: new Map(
      Object.entries(objects).map(([key, value]) => [
        key,
        parseResource(key, Buffer.from(JSON.stringify(value))),
      ]),
    ),
    files: new Map(),
    fileNames: new Map(),
    renamedObjects: new Map(),
  };
}
const storedIn = (draft: Draft, key: string) => JSON.parse(draft.objects.get(key)!.value.toString());
const definition = { [`${CRD}imagedigestmirrorsets.config.openshift.io`]: {} };

describe('given objects', () => {
  it('are put as the API server would have stored them', () => {
    const draft = draftOf(definition);
    const { deeds } = placeGivenObjects(
      draft,
      { puts: [mirrorSet('a', 'quay.example')], deletes: [] },
      birth,
    );
    const value = storedIn(draft, `${MIRRORS}a`);
    expect(value).toEqual({
      ...mirrorSet('a', 'quay.example'),
      metadata: {
        ...mirrorSet('a', '').metadata,
        creationTimestamp: '2031-02-03T04:05:06Z',
        generation: 1,
        uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      },
    });
    expect(deeds).toMatchObject([{ rule: 'put-given', target: `${MIRRORS}a` }]);
    expect(deeds[0]).not.toHaveProperty('before');
  });

  it('take the place of those that are there, which keep their identity', () => {
    const draft = draftOf({ ...definition, [`${MIRRORS}a`]: stored(mirrorSet('a', 'quay.example')) });
    placeGivenObjects(
      draft,
      { puts: [mirrorSet('a', 'other.example')], deletes: [MIRRORS.slice(15)] },
      birth,
    );
    expect(storedIn(draft, `${MIRRORS}a`)).toMatchObject({
      metadata: { uid: 'old-uid', generation: 5 },
      spec: { imageDigestMirrors: [{ source: 'other.example' }] },
    });
  });

  it('stay as they are where they are wanted so', () => {
    const draft = draftOf({ ...definition, [`${MIRRORS}a`]: stored(mirrorSet('a', 'quay.example')) });
    const before = draft.objects.get(`${MIRRORS}a`);
    const { deeds } = placeGivenObjects(
      draft,
      { puts: [mirrorSet('a', 'quay.example')], deletes: [] },
      birth,
    );
    expect(draft.objects.get(`${MIRRORS}a`)).toBe(before);
    expect(deeds).toEqual([]);
  });

  it('remove the others of their kind, and nothing else', () => {
    const draft = draftOf({
      ...definition,
      [`${MIRRORS}seed`]: {},
      [`${CATALOGS}openshift-marketplace/seed`]: {},
      '/kubernetes.io/configmaps/a/b': {},
    });
    const deletes = ['config.openshift.io/imagedigestmirrorsets/', 'operators.coreos.com/catalogsources/'];
    const { deeds } = placeGivenObjects(draft, { puts: [mirrorSet('a', 'q')], deletes }, birth);
    expect([...draft.objects.keys()]).toEqual([
      ...Object.keys(definition),
      '/kubernetes.io/configmaps/a/b',
      `${MIRRORS}a`,
    ]);
    expect(deeds.filter(({ rule }) => rule === 'delete-given')).toHaveLength(2);
  });

  it('are left out where the cluster has no such kind', () => {
    const draft = draftOf({ '/kubernetes.io/configmaps/a/b': {} });
    const { deeds, notes } = placeGivenObjects(draft, { puts: [mirrorSet('a', 'q')], deletes: [] }, birth);
    expect(deeds).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('ImageDigestMirrorSet')]);
  });

  it('with a namespace lie in it', () => {
    const catalog = {
      apiVersion: 'operators.coreos.com/v1alpha1',
      kind: 'CatalogSource',
      metadata: { name: 'c', namespace: 'openshift-marketplace' },
    };
    const draft = draftOf({ [`${CRD}catalogsources.operators.coreos.com`]: {} });
    placeGivenObjects(draft, { puts: [catalog], deletes: [] }, birth);
    expect([...draft.objects.keys()]).toContain(`${CATALOGS}openshift-marketplace/c`);
  });
});

describe('a run', () => {
  const config = (cluster: TestCluster) => ({
    etcd_endpoint: 'memory',
    crypto_dirs: ['/etc/kubernetes'],
    cluster_rename: 'two:other.net:two-id',
    put_objects: [JSON.stringify(mirrorSet('a', `registry.${cluster.domain}`))],
    delete_objects: ['config.openshift.io/imagedigestmirrorsets/'],
  });

  it('writes them with everything else, and no rule renames what is in them', async () => {
    const cluster = makeCluster();
    const etcd = new MemoryEtcd([
      ...cluster.objects,
      [`${CRD}imagedigestmirrorsets.config.openshift.io`, Buffer.from('{}')],
      [`${MIRRORS}seed`, Buffer.from(JSON.stringify(stored(mirrorSet('seed', 'q'))))],
    ]);
    await runRecert(config(cluster), testMeans(new MemoryHost(cluster.files), etcd));
    expect(etcd.keys.has(`${MIRRORS}seed`)).toBe(false);
    expect(etcd.keys.get(`${MIRRORS}a`)?.value.toString()).toContain(`"source":"registry.${cluster.domain}"`);
  });
});

describe('parseGivenObject', () => {
  it.each([
    '',
    '[]',
    'null',
    '{"kind":"MachineConfig"}',
    '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}',
    '{"kind":"MachineConfig","apiVersion":"v1","metadata":{"name":"a"}}',
    '{"kind":"constructor","metadata":{"name":"a"}}',
  ])('refuses %s', (text) => {
    expect(() => parseGivenObject(text)).toThrow(expect.objectContaining({ code: 'recert/config' }));
  });
});
