import type { PostPivotResult } from '#api/postPivotResult.ts';
import { Failure } from '#base/failure.ts';
import { info, error as logError } from '#base/logger.ts';
import { systemd } from '#system/systemd.ts';
import { givenUpLines } from './attempts.ts';
import { tellConsole } from './console.ts';
import { INTERVENTIONS, SEED_MANIFEST, UNIT, WATCHDOG_UNIT } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import { resetHost } from './pristine/reset.ts';
import { readResult, writeResult } from './resultFile.ts';

/** What is done with an installation that does not come up, beside saying so. */
type TimeoutAction = 'report' | 'reset' | 'reboot';

export interface WatchdogOptions {
  /** From when a configuration is there; waiting for one has no limit. */
  readonly timeoutSeconds: number;
  readonly onTimeout: TimeoutAction;
}

type World = Pick<PostPivotWorld, 'host' | 'logger' | 'sleep' | 'clock' | 'now'>;

const POLL_SECONDS = 5;
/** A host whose configuration can't work must not restart for ever. */
const MOST_INTERVENTIONS = 3;

/**
 * Watches an installation until it has succeeded; the original watches upgrades only (lifecycle-agent 13). One that
 * takes too long, or was given up, is reported and, if that is wanted, reset or restarted.
 */
export async function watchInstallation(world: World, options: WatchdogOptions): Promise<void> {
  const { files } = world.host;
  // After a reboot one more attempt is made; what was given up before that is no verdict about it.
  const old = await readResult(files);
  let since: number | undefined;
  for (;;) {
    const latest = await readResult(files);
    const isOld = latest?.outcome === 'given-up' && latest.updated_at === old?.updated_at;
    const result = isOld ? undefined : latest;
    if (result?.outcome === 'succeeded' || (result === undefined && !(await files.exists(SEED_MANIFEST)))) {
      info(world.logger, 'there is nothing to watch: this host is no installation that is under way');
      return systemd(world.host).disable(WATCHDOG_UNIT);
    }
    if (result?.outcome === 'given-up') return intervene(world, options);
    since = result === undefined ? undefined : (since ?? world.clock());
    if (result !== undefined && since !== undefined && world.clock() - since >= options.timeoutSeconds) {
      if (!(await endInTime(world, options))) continue;
      return intervene(world, options);
    }
    await world.sleep(POLL_SECONDS);
  }
}

/** Stops the attempt and reports it; false if it succeeded just now. */
async function endInTime(world: World, { timeoutSeconds }: WatchdogOptions): Promise<boolean> {
  const { files } = world.host;
  await systemd(world.host).stop(UNIT);
  const result = await readResult(files); // nobody else writes it any more
  if (result === undefined || result.outcome === 'succeeded') return false;
  const failure = timedOut(result, timeoutSeconds);
  const { next_attempt_at: _, ...last } = result;
  await writeResult(files, {
    ...last,
    outcome: 'given-up',
    updated_at: world.now().toISOString(),
    failure: { code: failure.code, message: failure.message, hint: failure.hint! },
  });
  logError(world.logger, failure.message, { code: failure.code });
  await tellConsole(world, givenUpLines(failure.message, failure.hint));
  return true;
}

function timedOut({ step, attempt, failure }: PostPivotResult, seconds: number): Failure {
  const where = step === undefined ? '' : `; attempt ${attempt} was in the step "${step}"`;
  const why = failure === undefined ? '' : `; the last failure was: ${failure.message}`;
  return new Failure({
    code: 'postpivot/timed-out',
    message: `the cluster did not come up within ${seconds} s${where}${why}`,
    hint:
      failure?.hint ?? 'look at "journalctl -u kubelet" and at the logs of the static pods in /var/log/pods',
  });
}

/** The unit stays enabled: after the next boot it watches again. */
async function intervene(world: World, { onTimeout }: WatchdogOptions): Promise<void> {
  const { files } = world.host;
  if (onTimeout === 'report') return;
  const before = Number((await files.readIfExists(INTERVENTIONS))?.toString('utf8') ?? '0');
  if (before >= MOST_INTERVENTIONS) {
    logError(world.logger, `${before} times ${onTimeout} did not help: the host stays as it is`);
    return;
  }
  await files.write(INTERVENTIONS, `${before + 1}\n`, { mode: 0o600 });
  info(world.logger, `${onTimeout} ${before + 1} of ${MOST_INTERVENTIONS}`);
  if (onTimeout === 'reset') return resetHost(world, { reboot: true });
  await world.host.run(['systemctl', 'reboot']);
}
