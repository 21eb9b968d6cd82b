import type { PostPivotResult } from '#api/postPivotResult.ts';
import { causeChain, Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { tellConsole } from './console.ts';
import { RESULT, UNIT } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import { ResultFile } from './resultFile.ts';

/** The original tries for ever, every five seconds (lifecycle-agent 23.2). Ten attempts wait 20 minutes in all. */
export const ATTEMPTS = 10;
const FIRST_DELAY_SECONDS = 5;
const LONGEST_DELAY_SECONDS = 300;

/** Failures that the same attempt would meet again. */
const LASTING = ['base/input-changed'];

/** How long to wait after so many failures in a row. */
export const backOffSeconds = (failures: number): number =>
  Math.min(FIRST_DELAY_SECONDS * 2 ** (failures - 1), LONGEST_DELAY_SECONDS);

/**
 * Waits for the time that the last failure set. The clock may have been put right meanwhile, so it never waits longer
 * than that failure asked for. What was given up waits for nobody: a person started it again.
 */
export async function waitForTurn(world: PostPivotWorld, before: PostPivotResult | undefined): Promise<void> {
  if (before?.outcome !== 'failed' || before.next_attempt_at === undefined) return;
  const delay = backOffSeconds(before.attempt);
  const left = (Date.parse(before.next_attempt_at) - world.now().getTime()) / 1000;
  const seconds = Math.ceil(Math.min(left, delay));
  if (!(seconds > 0)) return;
  info(world.logger, `attempt ${before.attempt + 1} of ${ATTEMPTS} begins in ${seconds} s`);
  await world.sleep(seconds);
}

/** An attempt that is killed again and again fails too. Failure `postpivot/given-up`. */
export async function refuseEndlessCuts(world: PostPivotWorld, before: PostPivotResult): Promise<void> {
  if (before.outcome !== 'running' || before.attempt < ATTEMPTS) return;
  const cutOff = new Failure({
    code: 'postpivot/cut-off',
    message: `attempt ${before.attempt} was cut off in the step "${before.step ?? 'none'}"`,
    hint: 'look in the journal of the host for what ended it (memory, power, a person)',
  });
  throw await recordFailure(world, ResultFile.resume(world, before), cutOff);
}

/** Records the failure and tells the host's screen; the answer is what to throw. */
export async function recordFailure(
  world: PostPivotWorld,
  result: ResultFile,
  error: unknown,
): Promise<unknown> {
  const { attempt } = result;
  const isLasting = error instanceof Failure && LASTING.includes(error.code);
  const isOver = isLasting || attempt >= ATTEMPTS;
  const delay = backOffSeconds(attempt);
  await result.fail(error, isOver ? undefined : new Date(world.now().getTime() + delay * 1000));
  const reason = causeChain(error).join(': ');
  const hint = error instanceof Failure ? error.hint : undefined;
  if (!isOver) {
    await tellConsole(world, [
      `The configuration of this host failed (attempt ${attempt} of ${ATTEMPTS}, the next one follows by itself): ${reason}`,
      ...(hint === undefined ? [] : [`What to do: ${hint}`]),
    ]);
    return error;
  }
  await tellConsole(world, givenUpLines(reason, hint));
  return new Failure({
    code: 'postpivot/given-up',
    message: `gave up at attempt ${attempt}: ${reason}`,
    hint: [hint, ...waysOut()].filter((text) => text !== undefined).join('; '),
    cause: error,
    facts: { reason: error instanceof Failure ? error.code : 'postpivot/defect' },
  });
}

/** What a person reads on the screen of a host that tries no more. */
export const givenUpLines = (reason: string, hint: string | undefined): string[] => [
  `THE CONFIGURATION OF THIS HOST FAILED: ${reason}`,
  ...[hint, ...waysOut()].filter((text) => text !== undefined).map((way) => `What to do: ${way}`),
  `More: ${RESULT}, journalctl -u ${UNIT}`,
];

const waysOut = (): string[] => [
  `to try again "systemctl start ${UNIT}"`,
  'for another configuration "lca-cli reset"',
];
