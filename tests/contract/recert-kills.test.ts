import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { obtainExecutables } from '#lab/executable.ts';
import { collectSecrets } from '#lab/secretScanner/collect.ts';
import { scanPlaces } from '#lab/secretScanner/scan.ts';
import type { OldSecret } from '#lab/secretScanner/secret.ts';
import type { Etcd } from '#system/etcd.ts';
import { localHost } from '#system/localHost.ts';
import { RecertNode } from './recertNode.ts';
import { scatteredCluster, seededRandom } from './scatteredCluster.ts';

/** Repeat with the same cluster and moments: `KILL_SEED=123`; more often: `KILL_ROUNDS=200`. */
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 20);
const SECONDS_PER_ROUND = 30;
console.info(`KILL_SEED=${SEED}`);

/** When a run is killed. */
interface Delay {
  readonly since: 'start' | 'journal';
  readonly milliseconds: number;
}

type Contents = ReadonlyMap<string, Buffer>;

/** A step of the plan as it stands in the journal; bytes are base64. */
interface JournalStep {
  readonly key?: string;
  readonly put?: string;
  readonly path?: string;
  readonly content?: string;
  readonly from?: string;
}

/** The judge: reads the journal with its own eyes, and carries it out on what was there before. */
function carriedOut(before: Contents, journal: string): Map<string, Buffer> {
  const after = new Map(before);
  const [, ...lines] = journal.trimEnd().split('\n');
  for (const step of lines.flatMap((line) => JSON.parse(line) as JournalStep | JournalStep[])) {
    const [place, content] = [step.key ?? step.path ?? '', step.put ?? step.content];
    if (step.from !== undefined) after.delete(step.from);
    if (content === undefined) after.delete(place);
    else after.set(place, Buffer.from(content, 'base64'));
  }
  return after;
}

const placesOf = (contents: Contents) => [...contents].map(([path, bytes]) => ({ path, bytes, offset: 0 }));

/** Places whose bytes are not the same. */
const differences = (one: Contents, other: Contents): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter(
    (place) => one.get(place)?.equals(other.get(place) ?? Buffer.alloc(0)) !== true,
  );

/** What there is of each kind: two generations of material side by side would be more of it. */
function countsOf(contents: Contents, foreign: Buffer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of collectSecrets(placesOf(contents), [foreign]))
    counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The changes that the run's report tells, without the fingerprints of new material. */
function changesIn(report: string): string[] {
  const { changes } = JSON.parse(readFileSync(report, 'utf8')) as { changes: Record<string, string>[] };
  return changes.map(({ target, field, rule }) => `${target} ${field} ${rule}`).sort();
}

class Trial {
  readonly cluster = scatteredCluster(SEED);
  readonly node: RecertNode;
  readonly report: string;
  readonly foreign = Buffer.from(this.cluster.foreign);

  constructor(program: string) {
    this.node = new RecertNode(this.cluster, [program]);
    this.report = join(this.node.work, 'report.json');
  }

  config(endpoint: string): string {
    return this.node.writeConfig({
      etcd_endpoint: endpoint,
      cluster_rename: 'two:other.net:two-id',
      ip: '10.0.0.2',
      report_file: this.report,
    });
  }

  /** Starts a run and kills it after a time, counted from its start or from its journal, if it has not ended by then. */
  async kill(config: string, { since, milliseconds }: Delay): Promise<void> {
    const child = this.node.start(config);
    child.stdout?.resume();
    child.stderr?.resume();
    const ended = once(child, 'close');
    while (since === 'journal' && child.exitCode === null && !existsSync(this.node.journal)) await sleep(1);
    await Promise.race([ended, sleep(milliseconds)]);
    child.kill('SIGKILL');
    await ended;
  }

  /** A whole run: how long it takes until its journal is there, and then until its end. */
  async time(config: string): Promise<Record<Delay['since'], number>> {
    const started = performance.now();
    const run = this.node.run(config);
    let isOver = false;
    void run.finally(() => {
      isOver = true;
    });
    while (!isOver && !existsSync(this.node.journal)) await sleep(1);
    const journalAt = performance.now();
    expect(await run).toMatchObject({ code: 0, stderr: '' });
    return { start: journalAt - started, journal: performance.now() - journalAt };
  }
}

/** What an unkilled run does, which all others are held against. */
interface Model {
  readonly before: Contents;
  readonly old: readonly OldSecret[];
  readonly changes: readonly string[];
  readonly counts: Record<string, number>;
  readonly places: readonly string[];
  readonly times: Record<Delay['since'], number>;
}

async function model(trial: Trial, etcd: Etcd, config: string): Promise<Model> {
  const { node, foreign } = trial;
  const before = await node.contents(etcd);
  const times = await trial.time(config);
  const after = await node.contents(etcd);
  return {
    before,
    old: collectSecrets(placesOf(before), [foreign]),
    changes: changesIn(trial.report),
    counts: countsOf(after, foreign),
    places: [...after.keys()].sort(),
    times,
  };
}

/** Nothing old is left, of everything there is as much as there should be, and nothing lies about. */
function judge(after: Contents, { foreign }: Trial, expected: Model): void {
  expect([...after.keys()].sort()).toEqual(expected.places);
  expect(countsOf(after, foreign)).toEqual(expected.counts);
  expect(scanPlaces(placesOf(after), expected.old).leftOvers).toEqual([]);
}

type Moment = 'before the journal' | 'with the journal' | 'after the end';

/** One kill and the run after it. */
async function killAndFinish(
  trial: Trial,
  { etcd, config, expected, delay }: { etcd: Etcd; config: string; expected: Model; delay: Delay },
): Promise<Moment> {
  const { node } = trial;
  await node.restore(etcd);
  await trial.kill(config, delay);
  const journal = existsSync(node.journal) ? readFileSync(node.journal, 'utf8') : undefined;
  const left = await node.contents(etcd);
  if (journal === undefined && differences(left, expected.before).length > 0) {
    judge(left, trial, expected);
    return 'after the end';
  }
  expect(await node.run(config)).toMatchObject({ code: 0, stderr: '' });
  const after = await node.contents(etcd);
  if (journal !== undefined) expect(differences(after, carriedOut(expected.before, journal))).toEqual([]);
  expect(existsSync(node.journal)).toBe(false);
  expect(changesIn(trial.report)).toEqual(expected.changes);
  judge(after, trial, expected);
  return journal === undefined ? 'before the journal' : 'with the journal';
}

test(
  `a run that is killed at any moment is finished by the next one (${ROUNDS} times)`,
  async () => {
    const random = seededRandom(SEED);
    const trial = new Trial(join(await obtainExecutables(localHost, () => {}), 'recert'));
    const kills = { 'before the journal': 0, 'with the journal': 0, 'after the end': 0 };
    try {
      await trial.node.withEtcd(async (etcd, endpoint) => {
        await trial.node.restore(etcd);
        const config = trial.config(endpoint);
        const expected = await model(trial, etcd, config);
        for (let rounds = 0; kills['before the journal'] + kills['with the journal'] < ROUNDS; rounds++) {
          // As many kills while it writes as while it plans, which takes longer.
          const since = rounds % 2 === 0 ? 'start' : 'journal';
          const delay = { since, milliseconds: random() * expected.times[since] } as const;
          kills[await killAndFinish(trial, { etcd, config, expected, delay })]++;
        }
      });
    } finally {
      await trial.node.remove();
    }
    console.info('kills:', kills);
  },
  (ROUNDS + 4) * SECONDS_PER_ROUND * 1000,
);
