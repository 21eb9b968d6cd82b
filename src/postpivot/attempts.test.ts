import { describe, expect, it } from 'vitest';
import { ATTEMPTS, backOffSeconds } from './attempts.ts';
import { readResult } from './resultFile.ts';
import { runPostPivot } from './run.ts';
import { configIso, cutAt, reconfiguration, TestWorld } from './testing.ts';

const ISSUE = '/run/lca/screen.issue';
const screenOf = (world: TestWorld): string => world.host.files.tree()[ISSUE] ?? '';

/** The node never registers, so each attempt fails at its labels. */
const failingWorld = (): TestWorld =>
  new TestWorld({ volume: configIso(reconfiguration({ node_labels: { 'example.com/a': 'b' } })) });

describe('attempts', () => {
  it('wait longer and longer, and not longer than five minutes', () => {
    const delays = Array.from({ length: ATTEMPTS }, (_, n) => backOffSeconds(n + 1));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(Math.max(...delays)).toBe(300);
  });

  it('begin when the last failure said, and count over restarts of the program', async () => {
    const world = failingWorld();
    await expect(runPostPivot(world)).rejects.toThrow();
    const [failedAt, first] = [world.clock(), await readResult(world.host.files)];
    expect(first).toMatchObject({ outcome: 'failed', attempt: 1, step: 'node labels' });
    expect(Date.parse(first!.next_attempt_at!)).toBe(world.now().getTime() + 5000);
    expect(screenOf(world)).toContain(`attempt 1 of ${ATTEMPTS}`);
    await expect(runPostPivot(world)).rejects.toThrow();
    const second = await readResult(world.host.files);
    expect(Date.parse(second!.started_at)).toBe(Date.UTC(2031, 0, 1) + (failedAt + 5) * 1000);
    expect(second).toMatchObject({ outcome: 'failed', attempt: 2 });
  });

  it('do not wait for a clock that was wrong when the last one failed', async () => {
    const world = failingWorld();
    await expect(runPostPivot(world)).rejects.toThrow();
    const before = (await readResult(world.host.files))!;
    const result = { ...before, next_attempt_at: '2042-01-01T00:00:00Z' };
    await world.host.files.write('/var/lib/lca/post-pivot-result.json', JSON.stringify(result));
    const failedAt = world.clock();
    await expect(runPostPivot(world)).rejects.toThrow();
    const startedAt = Date.parse((await readResult(world.host.files))!.started_at);
    expect(startedAt).toBe(Date.UTC(2031, 0, 1) + (failedAt + 5) * 1000);
  });

  it('come to an end that says what to do, and one more is made when a person asks for it', async () => {
    const world = failingWorld();
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/node-not-registered' });
    }
    await expect(runPostPivot(world)).rejects.toMatchObject({
      code: 'postpivot/given-up',
      hint: expect.stringMatching(/systemctl start installation-configuration.*lca-cli reset/),
    });
    expect(await readResult(world.host.files)).toMatchObject({
      outcome: 'given-up',
      attempt: ATTEMPTS,
      failure: { code: 'postpivot/node-not-registered' },
    });
    expect(screenOf(world)).toMatch(/FAILED: node .* was not registered.*What to do:.*lca-cli reset/s);

    const hostname = (await readResult(world.host.files))!.hostname;
    world.cluster.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: hostname } });
    const askedAt = world.clock();
    await runPostPivot(world);
    expect(world.clock()).toBe(askedAt);
    const result = await readResult(world.host.files);
    expect(result).toMatchObject({ outcome: 'succeeded', attempt: ATTEMPTS + 1 });
    expect(result).not.toHaveProperty('failure');
    expect(screenOf(world)).toBe('');
  });

  it('that are killed again and again come to an end too', async () => {
    const world = new TestWorld({ volume: configIso(reconfiguration()) });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const restore = cutAt(world.host.files, attempt === 0 ? 14 : 8);
      await expect(runPostPivot(world)).rejects.toThrow('power cut');
      restore();
    }
    await expect(runPostPivot(world)).rejects.toMatchObject({
      code: 'postpivot/given-up',
      facts: { reason: 'postpivot/cut-off' },
    });
    await runPostPivot(world);
    expect((await readResult(world.host.files))?.outcome).toBe('succeeded');
  });
});

describe('the screen of a host', () => {
  it('says what it waits for, and shows no control characters of a configuration', async () => {
    const world = new TestWorld();
    await expect(runPostPivot(world)).rejects.toThrow('waits for ever');
    expect(screenOf(world)).toMatch(/waits for its configuration.*cluster-config/s);
    const odd = configIso(reconfiguration({ hostname: '\u001b[2Jroot\\n' }));
    await world.host.files.write('/sys/block/loop7/size', '1');
    await world.host.files.write('/dev/loop7', odd);
    await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/configuration-invalid' });
    expect(screenOf(world)).toContain('is refused');
    expect(screenOf(world)).not.toContain('\u001b');
    expect(screenOf(world)).not.toMatch(/[^\\]\\n/);
  });
});
