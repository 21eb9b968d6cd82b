import { causeChain } from '#base/failure.ts';
import type { StageRecord } from '../timeline.ts';
import type { MemberEnd } from './fleet.ts';

/** What stays of one clone to be read later: its stages with their times, then every line of its comparison or why there is none. */
export function renderCloneLog(
  stages: readonly StageRecord[],
  { wanted, outcome, error }: MemberEnd,
): string {
  const times = stages.map(({ name, startedAt, seconds, outcome: end, note }) =>
    [`${startedAt.toFixed(1)} s`, `+${seconds.toFixed(1)} s`, name, end, note].join('\t').trimEnd(),
  );
  const rows = (outcome?.rows ?? []).map(({ ok, what, seed, clone, expected }) =>
    [ok ? 'ok' : 'NOT OK', what, seed, clone, expected].join('\t'),
  );
  const failure = error === undefined ? [] : [`failed: ${causeChain(error).join(': ')}`];
  return `${[`clone ${wanted.clusterName}.${wanted.baseDomain} at ${wanted.nodeIp}`, ...times, ...rows, ...failure].join('\n')}\n`;
}
