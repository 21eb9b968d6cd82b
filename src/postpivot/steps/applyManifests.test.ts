import { describe, expect, it } from 'vitest';
import { parseManifests } from '../manifests.ts';
import { TestWorld } from '../testing.ts';
import { applyManifests, applySshKeys } from './applyManifests.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

function manifestOf(data: object, applyType = 'replace') {
  const annotations = { 'lca.openshift.io/apply-type': applyType };
  const object = { ...CONFIG_MAP, metadata: { name: 'a', annotations }, data };
  const result = parseManifests('a.json', JSON.stringify(object));
  if (!result.ok) throw new Error('not a manifest');
  return result.value;
}

function clusterWith(data: object): TestWorld {
  const world = new TestWorld();
  world.cluster.serve(CONFIG_MAP);
  world.cluster.put({ ...CONFIG_MAP, metadata: { name: 'a', resourceVersion: '7' }, data });
  return world;
}

describe('applyManifests', () => {
  it.each([
    ['replace', { new: '1' }],
    ['merge', { old: '0', new: '1' }],
  ])('does a %s with the version that was read', async (applyType, expected) => {
    const world = clusterWith({ old: '0' });
    await applyManifests(world, world.cluster, manifestOf({ new: '1' }, applyType));
    const [object] = await world.cluster.list(CONFIG_MAP);
    expect(object).toMatchObject({ metadata: { resourceVersion: '7' } });
    expect(object?.['data']).toEqual(expected);
  });

  it.each([
    ['replace', { new: '1' }, false],
    ['replace', { new: '1', old: '0' }, true],
    ['merge', { new: '1', old: '0' }, false],
    ['merge', { old: '0' }, true],
  ])('leaves an object as it is that a %s would not change: %j', async (applyType, data, isUpdated) => {
    const world = new TestWorld();
    world.cluster.serve(CONFIG_MAP);
    const { object } = manifestOf({ new: '1' }, applyType)[0]!;
    world.cluster.put({ ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '7' }, data });
    let updates = 0;
    const update = world.cluster.update.bind(world.cluster);
    world.cluster.update = async (updated) => {
      updates++;
      return update(updated);
    };
    await applyManifests(world, world.cluster, manifestOf({ new: '1' }, applyType));
    expect(updates > 0).toBe(isUpdated);
  });

  it('waits for a kind whose definition was applied a moment ago', async () => {
    const world = new TestWorld();
    const sleep = world.sleep.bind(world);
    world.sleep = async (seconds) => {
      await sleep(seconds);
      if (world.clock() === 3) world.cluster.serve(CONFIG_MAP);
    };
    await applyManifests(world, world.cluster, manifestOf({}));
    expect(await world.cluster.list(CONFIG_MAP)).toHaveLength(1);
  });

  it('says which kind of which file is not served', async () => {
    const world = new TestWorld();
    const refused = applyManifests(world, world.cluster, manifestOf({}));
    await expect(refused).rejects.toMatchObject({
      code: 'postpivot/kind-not-served',
      message: expect.stringContaining('a.json'),
    });
  });
});

it('applySshKeys is content with a cluster without MachineConfigs', async () => {
  const world = new TestWorld();
  await applySshKeys(world, world.cluster, 'ssh-ed25519 AAAA');
  expect(world.cluster.objects.size).toBe(0);
});
