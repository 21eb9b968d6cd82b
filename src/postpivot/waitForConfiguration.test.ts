import { expect, it } from 'vitest';
import { readResult } from './resultFile.ts';
import { runPostPivot } from './run.ts';
import { configIso, reconfiguration, TestWorld } from './testing.ts';

const bad = configIso(reconfiguration({ cluster_id: '' }));

it('passes a refused volume over until it is another one, which is used at once', async () => {
  const world = new TestWorld({ volume: bad });
  await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/configuration-invalid' });
  const { sleep } = world;
  let slept = 0;
  world.sleep = async (seconds) => {
    await world.host.files.write('/dev/loop7', configIso(reconfiguration()));
    slept += seconds;
    await sleep.call(world, seconds);
  };
  await runPostPivot(world);
  expect(slept).toBe(5);
  expect((await readResult(world.host.files))?.outcome).toBe('succeeded');
});

it('looks at a refused volume again after a while, as the host may be another by then', async () => {
  const world = new TestWorld({ volume: bad });
  const refusedAt: number[] = [];
  for (let n = 0; n < 4; n++) {
    await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/configuration-invalid' });
    refusedAt.push(world.clock());
  }
  expect(refusedAt).toEqual([0, 5, 15, 35]);
});

it('a volume that is taken out while it is read changes nothing, and is read when it is there again', async () => {
  const world = new TestWorld({ volume: configIso(reconfiguration()) });
  const before = world.host.files.tree();
  const { readAt } = world.host.files;
  for (let reads = 1, wasOut = true; wasOut; reads++) {
    let left = reads;
    wasOut = false;
    world.host.files.readAt = async (...args) => {
      wasOut ||= left-- <= 0;
      if (wasOut) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      return readAt.apply(world.host.files, args);
    };
    // The reads that only look for a volume may fail too: then there is none.
    const error = await runPostPivot(world).catch((reason: unknown) => reason);
    if (!wasOut) break;
    expect(String(error)).toMatch(/waits for ever|configuration volume \/dev\/loop7 could not be read/);
    if (String(error).includes('could not be read'))
      expect(error).toMatchObject({
        code: 'postpivot/volume-unreadable',
        hint: expect.stringContaining('nothing on this host was changed'),
      });
    const tree = Object.entries(world.host.files.tree()).filter(([path]) => !path.startsWith('/run/'));
    expect(Object.fromEntries(tree)).toEqual(before);
    world.rewind();
  }
  expect((await readResult(world.host.files))?.outcome).toBe('succeeded');
});
