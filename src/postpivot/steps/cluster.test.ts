import { expect, it } from 'vitest';
import { TestWorld } from '../testing.ts';
import { deleteSeedMirrors } from './cluster.ts';

it("deletes the seed's mirror sets and catalogs, and leaves this site's own", async () => {
  const world = new TestWorld();
  const mirrors = { apiVersion: 'config.openshift.io/v1', kind: 'ImageDigestMirrorSet' };
  const catalogs = { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'CatalogSource' };
  const own = { ...mirrors, metadata: { name: 'own' } };
  for (const kind of [mirrors, catalogs]) world.cluster.serve(kind);
  for (const name of ['own', 'of-the-seed']) world.cluster.put({ ...mirrors, metadata: { name } });
  world.cluster.put({ ...catalogs, metadata: { name: 'own', namespace: 'n' } });
  await deleteSeedMirrors(world, world.cluster, {
    manifests: [{ file: 'a', object: own, applyType: 'replace' }],
    extraManifests: [],
  });
  expect([...world.cluster.objects.values()].map(({ metadata }) => metadata.name)).toEqual(['own']);
});
