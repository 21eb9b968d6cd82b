import { describe, expect, it } from 'vitest';
import { readResult } from './resultFile.ts';
import { runPostPivot } from './run.ts';
import { configIso, reconfiguration, TestWorld } from './testing.ts';
import { type WatchdogOptions, watchInstallation } from './watchdog.ts';

const LIMIT = 600;
const watch = (world: TestWorld, onTimeout: WatchdogOptions['onTimeout'] = 'report') =>
  watchInstallation(world, { timeoutSeconds: LIMIT, onTimeout });
const reboot = ['systemctl', 'reboot'];

/** A host whose node never registers: one attempt has failed, and the next one never begins. */
async function stuckWorld(): Promise<TestWorld> {
  const world = new TestWorld({
    volume: configIso(reconfiguration({ node_labels: { 'example.com/a': 'b' } })),
    files: { '/etc/kubernetes/node.key': 'key of the seed' },
  });
  await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/node-not-registered' });
  world.rewind();
  return world;
}

describe('watchInstallation', () => {
  it('reports an installation that does not come up in time, with the reason, and stops it', async () => {
    const world = await stuckWorld();
    await watch(world);
    expect(world.clock()).toBe(LIMIT);
    expect(await readResult(world.host.files)).toMatchObject({
      outcome: 'given-up',
      failure: {
        code: 'postpivot/timed-out',
        message: expect.stringMatching(
          /within 600 s; attempt 1 was in the step "node labels"; .* not registered/,
        ),
      },
    });
    expect(world.host.commands.at(-1)).toEqual(['systemctl', 'stop', 'installation-configuration.service']);
    const screen = world.host.files.tree()['/run/lca/screen.issue'];
    expect(screen).toMatch(/FAILED: the cluster did not come up within 600 s.*What to do:/s);
  });

  it('does not count the time that a host waits for its configuration', async () => {
    const world = new TestWorld();
    await expect(watch(world)).rejects.toThrow('waits for ever');
    expect(world.host.commands).toEqual([]);
  });

  it('ends for good when the cluster has come up', async () => {
    const world = new TestWorld({ volume: configIso(reconfiguration()) });
    await runPostPivot(world);
    await watch(world);
    expect(world.host.commands.at(-1)).toEqual(['systemctl', 'disable', 'lca-init-monitor.service']);
    expect((await readResult(world.host.files))?.outcome).toBe('succeeded');
  });

  it('is satisfied by a cluster that comes up at the last moment', async () => {
    const world = await stuckWorld();
    const result = (await readResult(world.host.files))!;
    const run = world.host.run.bind(world.host);
    world.host.run = async (argv, options) => {
      if (argv[1] === 'stop') {
        const { failure: _, next_attempt_at: __, ...rest } = result;
        const done = JSON.stringify({ ...rest, outcome: 'succeeded' });
        await world.host.files.write('/var/lib/lca/post-pivot-result.json', done);
      }
      return run(argv, options);
    };
    await watch(world, 'reset');
    expect((await readResult(world.host.files))?.outcome).toBe('succeeded');
    expect(world.host.commands).not.toContainEqual(reboot);
  });

  it('resets the host where that is wanted, and not for ever', { timeout: 60_000 }, async () => {
    const world = await stuckWorld();
    for (let round = 1; round <= 3; round++) {
      await watch(world, 'reset');
      expect(world.host.commands.at(-1)).toEqual(reboot);
      expect(await readResult(world.host.files)).toBeUndefined();
      await expect(runPostPivot(world)).rejects.toThrow();
      world.rewind();
    }
    const restarts = world.host.commands.filter((argv) => argv.at(-1) === 'reboot').length;
    await watch(world, 'reset');
    expect(world.host.commands.filter((argv) => argv.at(-1) === 'reboot')).toHaveLength(restarts);
    expect((await readResult(world.host.files))?.outcome).toBe('given-up');
  });

  it('restarts a host whose attempts were given up, and lets it try once more after that', async () => {
    const world = await stuckWorld();
    const result = (await readResult(world.host.files))!;
    const giveUp = (second: number) => {
      const { next_attempt_at: _, ...rest } = { ...result, updated_at: `2031-01-01T01:00:0${second}.000Z` };
      const text = JSON.stringify({ ...rest, outcome: 'given-up' });
      return world.host.files.write('/var/lib/lca/post-pivot-result.json', text);
    };
    const sleep = world.sleep.bind(world);
    for (const second of [1, 2]) {
      let polls = 0;
      world.sleep = async (seconds) => {
        if (++polls === 3) await giveUp(second);
        await sleep(seconds);
      };
      await watch(world, 'reboot');
      expect(polls).toBe(3);
      expect(world.host.commands.filter((argv) => argv.at(-1) === 'reboot')).toHaveLength(second);
    }
  });
});
