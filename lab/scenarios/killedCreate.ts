import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '#machines/driver.ts';

const UNIT = 'lca-create';
const LOG = '/run/sower/killed-create.log';
const EVERY_MILLISECONDS = 50;
/** A step may be killed this long after it began. */
const LONGEST_WAIT = 400;

/** How far it came; undefined when it was through before it could be killed. */
type KilledAt = string | undefined;

/**
 * Runs the command line in the machine and kills it hard, and nothing but itself, at a random moment of a random step;
 * the last "step" is the push with the restoration beside it.
 */
export async function killCreate({ host }: Machine, argv: readonly string[]): Promise<KilledAt> {
  await host.run([
    ...['systemd-run', '--quiet', '--collect', `--unit=${UNIT}`, '--property=KillMode=process'],
    ...[`--property=StandardOutput=file:${LOG}`, ...argv],
  ]);
  let wanted: number | undefined;
  for (;;) {
    const isRunning = await host.run(['systemctl', 'is-active', '--quiet', UNIT], { okCodes: [0, 3, 4] });
    if (isRunning.code !== 0) return undefined;
    const { stdout } = await host.run(['cat', LOG], { okCodes: [0, 1] });
    const begun = [...stdout.matchAll(/step (\d+)\/(\d+) \\"([^"\\]+)\\"/g)];
    const [, index = '0', total = '0', name = ''] = begun.at(-1) ?? [];
    if (wanted === undefined && total !== '0') wanted = randomInt(1, Number(total) + 2);
    const isPushing = stdout.includes('restoring the seed cluster');
    if (wanted !== undefined && (isPushing || Number(index) >= wanted)) {
      await sleep(randomInt(LONGEST_WAIT));
      await host.run(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', UNIT], { okCodes: [0, 1] });
      return isPushing ? 'push and restoration' : name;
    }
    await sleep(EVERY_MILLISECONDS);
  }
}
