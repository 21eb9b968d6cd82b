import { createHash } from 'node:crypto';
import type { RecertConfig } from '#api/recertConfig.ts';
import { causeChain, Failure } from '#base/failure.ts';
import { type Change, renderReport } from './changes.ts';
import { finish } from './finish.ts';
import { DEFAULT_JOURNAL, openJournal, type RecertJournal, writeJournal } from './journal.ts';
import { makePlan } from './makePlan.ts';
import { type EtcdAccess, type RecertMeans, say, sayWarning } from './means.ts';
import { renderMetrics } from './metrics.ts';
import { type RecertOptions, resolveOptions } from './options.ts';
import { rollBack } from './rollBack.ts';
import type { RunFacts } from './runFacts.ts';
import { summaryTexts } from './summary.ts';

export interface RecertOutcome {
  /** Of a dry run: what a run would change. */
  readonly changes?: readonly Change[];
}

/**
 * Gives a cluster that is stopped new keys, certificates and tokens, and new names. Everything is computed before the
 * first write; from the journal on, a run that is killed anywhere is finished by running again with the same
 * configuration. `configFile` is the text the configuration was read from, for the summary.
 */
export async function runRecert(
  config: RecertConfig,
  means: RecertMeans,
  configFile?: string,
): Promise<RecertOutcome> {
  const facts: RunFacts = {
    config,
    ...(configFile !== undefined && { configFile }),
    figures: { seconds: {}, found: {}, written: {} },
  };
  let outcome: RecertOutcome = {};
  try {
    outcome = await runStages(means, facts);
    say(means, 'commit', 'All done');
  } catch (error) {
    facts.error = causeChain(error).join(': ');
    throw error;
  } finally {
    await writeSummaries(means, facts);
    await writeMetrics(means, facts);
  }
  return outcome;
}

/** A run that has begun: what its stages need. */
interface Run {
  readonly options: RecertOptions;
  readonly journalPath: string;
  /** The plan of a run that was killed. */
  readonly unfinished: RecertJournal | undefined;
  readonly access: EtcdAccess | undefined;
  /** Names the configuration in the journal. */
  readonly digest: string;
}

async function runStages(means: RecertMeans, facts: RunFacts): Promise<RecertOutcome> {
  const { config } = facts;
  const { files } = means.host;
  const options = await resolveOptions(config, files);
  facts.options = options;
  const journalPath = config.journal_file ?? DEFAULT_JOURNAL;
  // Where etcd listens is not part of what is done: a resumed first boot has it at another port.
  const { etcd_endpoint: _, rollback = false, ...work } = config;
  const digest = createHash('sha256').update(JSON.stringify(work)).digest('hex');
  const unfinished = await openJournal(files, journalPath, digest);
  const access = await means.connect(config);
  if (access !== undefined) say(means, 'config', 'Connected to etcd');
  const run = { options, journalPath, unfinished, access, digest };
  try {
    return await (rollback ? undo(run, means) : perform(run, means, facts));
  } finally {
    await access?.close();
  }
}

async function undo({ unfinished, journalPath, access }: Run, means: RecertMeans): Promise<RecertOutcome> {
  if (unfinished === undefined) {
    throw new Failure({
      code: 'recert/no-journal',
      message: `there is nothing to roll back: ${journalPath} does not exist`,
      hint: 'a run that has come to its end can not be rolled back; restore etcd and the files from a backup',
    });
  }
  await rollBack({ journal: unfinished, journalPath, etcd: access?.etcd, means });
  return {};
}

async function perform(run: Run, means: RecertMeans, facts: RunFacts): Promise<RecertOutcome> {
  const { options, journalPath, unfinished, access, digest } = run;
  const { config, figures } = facts;
  const { files } = means.host;
  if (unfinished !== undefined) {
    say(means, 'commit', `Finishing the run that ${journalPath} is of`);
    await finish({ journal: unfinished, journalPath, access, options, means, facts });
    return {};
  }
  const {
    journal,
    times,
    changes = [],
  } = await makePlan({ options, digest, etcd: access?.etcd, means, facts });
  const { scan, rsa, processing, postprocessing } = times;
  Object.assign(figures.seconds, { scan, rsa, processing, postprocessing });
  if (config.report_file) await files.write(config.report_file, renderReport(changes), { mode: 0o600 });
  if (config.dry_run) {
    say(means, 'commit', 'Dry run: nothing was written');
    return { changes };
  }
  await writeJournal(files, journalPath, journal);
  const started = means.clock();
  await finish({ journal, journalPath, access, options, means, facts });
  facts.runTimes = { ...times, etcdCommit: means.clock() - started };
  return {};
}

/**
 * The run knows more than the journal did; one that only finished another run keeps that one's summaries, and they
 * tell of no undoing.
 */
async function writeSummaries(means: RecertMeans, facts: RunFacts): Promise<void> {
  const { config, error, graph } = facts;
  if (config.rollback || (error === undefined && graph === undefined && !config.postprocess_only)) return;
  for (const { path, text } of summaryTexts(facts, means.logLines()))
    await writeReport(means, facts, { path, text, mode: 0o600 });
}

async function writeMetrics(means: RecertMeans, facts: RunFacts): Promise<void> {
  const path = facts.config.metrics_file;
  if (!path) return;
  const endedAt = Math.floor(means.now().getTime() / 1000);
  const text = renderMetrics({ ...facts.figures, isSuccess: facts.error === undefined, endedAt });
  await writeReport(means, facts, { path, text, mode: 0o644 });
}

/** The error of a run that failed is not hidden behind one about its reports. */
async function writeReport(
  means: RecertMeans,
  facts: RunFacts,
  { path, text, mode }: { path: string; text: string; mode: number },
): Promise<void> {
  try {
    await means.host.files.write(path, text, { mode });
  } catch (error) {
    if (facts.error === undefined) throw error;
    sayWarning(means, 'summary', `could not write ${path}: ${causeChain(error)[0]}`);
  }
}
