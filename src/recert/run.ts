import { createHash } from 'node:crypto';
import type { RecertConfig } from '#api/recertConfig.ts';
import { causeChain, Failure } from '#base/failure.ts';
import { TRANSACTION_BYTES, TRANSACTION_OPERATIONS } from '#system/etcd.ts';
import { applyRules, type RulesApplied } from './applyRules.ts';
import { type Change, cryptoChanges, renderReport, ruleChanges } from './changes.ts';
import { type Encryption, newKeys, sealWith } from './encryption.ts';
import { finish } from './finish.ts';
import { type ClusterState, gather } from './gather.ts';
import { DEFAULT_JOURNAL, openJournal, type RecertJournal, writeJournal } from './journal.ts';
import { type RecertMeans, say, sayWarning } from './means.ts';
import { encryptionNeedles, needlesOf } from './needles.ts';
import { type RecertOptions, resolveOptions } from './options.ts';
import { type Plan, planChanges, planMembers } from './plan.ts';
import { type Renewed, renewCrypto } from './renew.ts';
import { rollBack } from './rollBack.ts';
import { findDefects } from './soundness.ts';
import { planSshHostKeys } from './sshHostKeys.ts';
import { type RunTimes, renderSummary, type SummaryFacts } from './summary.ts';

export interface RecertOutcome {
  /** Of a dry run: what a run would change. */
  readonly changes?: readonly Change[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

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
  const facts: Mutable<SummaryFacts> = {
    config,
    logs: [],
    ...(configFile !== undefined && { configFile }),
  };
  // The summaries tell of a run, not of its undoing.
  if (config.rollback === true) return runStages(config, means, facts);
  let outcome: RecertOutcome;
  try {
    outcome = await runStages(config, means, facts);
  } catch (error) {
    facts.error = causeChain(error).join(': ');
    await writeSummaries(config, means, facts);
    throw error;
  }
  say(means, 'commit', 'All done');
  await writeSummaries(config, means, facts);
  return outcome;
}

async function runStages(
  config: RecertConfig,
  means: RecertMeans,
  facts: Mutable<SummaryFacts>,
): Promise<RecertOutcome> {
  const { files } = means.host;
  const options = await resolveOptions(config, files);
  facts.options = options;
  const journalPath = config.journal_file ?? DEFAULT_JOURNAL;
  // Where etcd listens is not part of what is done: a resumed first boot has it at another port.
  const { etcd_endpoint: _, rollback = false, ...work } = config;
  const digest = createHash('sha256').update(JSON.stringify(work)).digest('hex');
  const unfinished = await openJournal(files, journalPath, digest);
  const etcd = await means.connect(config);
  if (etcd !== undefined) say(means, 'config', 'Connected to etcd');
  try {
    if (rollback) {
      if (unfinished === undefined) throw nothingToRollBack(journalPath);
      await rollBack({ journal: unfinished, journalPath, etcd, means });
      return {};
    }
    if (unfinished !== undefined) {
      say(means, 'commit', `Finishing the run that ${journalPath} is of`);
      await finish({ journal: unfinished, journalPath, etcd, options, config, means });
      return {};
    }
    const { journal, times, changes } = await makePlan({ config, options, digest, etcd, means, facts });
    if (config.report_file) await files.write(config.report_file, renderReport(changes()), { mode: 0o600 });
    if (config.dry_run) {
      say(means, 'commit', 'Dry run: nothing was written');
      return { changes: changes() };
    }
    await writeJournal(files, journalPath, journal);
    const started = means.clock();
    await finish({ journal, journalPath, etcd, options, config, means });
    facts.runTimes = { ...times, etcdCommit: means.clock() - started };
    return {};
  } finally {
    etcd?.close();
  }
}

const nothingToRollBack = (journalPath: string): Failure =>
  new Failure({
    code: 'recert/no-journal',
    message: `there is nothing to roll back: ${journalPath} does not exist`,
    hint: 'a run that has come to its end can not be rolled back; restore etcd and the files from a backup',
  });

interface Planning {
  readonly config: RecertConfig;
  readonly options: RecertOptions;
  readonly digest: string;
  readonly etcd: Awaited<ReturnType<RecertMeans['connect']>>;
  readonly means: RecertMeans;
  readonly facts: Mutable<SummaryFacts>;
}

interface Planned {
  readonly journal: RecertJournal;
  readonly times: RunTimes;
  /** Costs time, and is asked for by reports only. */
  changes(): readonly Change[];
}

/** Scan, relate, regenerate, rename: all in memory. */
async function makePlan(planning: Planning): Promise<Planned> {
  const { config, options, digest, etcd, means, facts } = planning;
  // RSA keys are what takes time: the first are under way while etcd is being read.
  if (!config.postprocess_only && !config.ip_change_only && etcd !== undefined)
    means.keys.makeAhead({ type: 'rsa', bits: 2048 }, 2);
  const state = await gather({ config, options, etcd, means });
  if (state.renames.cluster) facts.infraId = state.renames.cluster.infraId;
  const renewed = config.postprocess_only ? undefined : await renewCrypto(state, options, means);
  if (renewed !== undefined) Object.assign(facts, { graph: renewed.graph, regenerated: renewed.regenerated });
  const started = means.clock();
  say(means, 'rules', 'Performing OCP post-processing and rename');
  const { encryption } = state.renames;
  const draft = renewed?.draft ?? state.draft();
  const applied = applyRules(draft, state.renames);
  tellRules(applied, means);
  const plan: Plan = {
    ...planChanges({ ...state, ...(encryption && { seal: sealWith(encryption, means.random) }) }, draft, {
      operations: TRANSACTION_OPERATIONS,
      bytes: TRANSACTION_BYTES,
    }),
    members: planMembers((await etcd?.members()) ?? [], state.renames.addresses),
  };
  const journal: RecertJournal = {
    configuration: digest,
    plan: { ...plan, files: [...plan.files, ...(await sshHostKeys(config, means))] },
    needles: needles(renewed, encryption),
    defectsBefore: renewed === undefined ? null : findDefects(renewed.graph).length,
    encryptionKeys: (encryption === undefined ? [] : newKeys(encryption)).map((key) => ({
      ...key,
      secret: key.secret.toString('base64'),
    })),
    summaries: summaryTexts(config, means, facts),
  };
  tellPlan(journal.plan, state, means);
  const times: RunTimes = {
    ...(renewed?.times ?? { scan: 0, rsa: 0, processing: 0 }),
    commit: 0,
    postprocessing: means.clock() - started,
    etcdCommit: 0,
  };
  const changes = (): Change[] => [
    ...(renewed === undefined ? [] : cryptoChanges(renewed.graph, renewed.regenerated)),
    ...ruleChanges(applied.deeds),
  ];
  return { journal, times, changes };
}

function needles(renewed: Renewed | undefined, encryption: Encryption | undefined): RecertJournal['needles'] {
  const found = [
    ...(renewed === undefined ? [] : needlesOf(renewed.graph, renewed.regenerated)),
    ...(encryption === undefined ? [] : encryptionNeedles(encryption.oldKeys, newKeys(encryption))),
  ];
  return found.map(({ what, bytes }) => ({ what, bytes: bytes.toString('base64') }));
}

async function sshHostKeys(config: RecertConfig, means: RecertMeans): Promise<Plan['files']> {
  const directory = config.regenerate_server_ssh_keys;
  if (!directory || config.dry_run) return [];
  const work = `/tmp/recert-ssh-${means.random(8).toString('hex')}`;
  return planSshHostKeys(means.host, directory, work);
}

function tellRules({ deeds, notes, absent }: RulesApplied, means: RecertMeans): void {
  if (absent.length > 0)
    say(means, 'rules', `note: not on this cluster, so not changed: ${absent.join(', ')}`);
  for (const note of notes) say(means, 'rules', `note: ${note}`);
  const counts = new Map<string, number>();
  for (const { rule } of deeds) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  for (const [rule, count] of counts) say(means, 'rules', `${rule}: ${count} changed`);
}

function tellPlan(plan: Plan, state: ClusterState, means: RecertMeans): void {
  const steps = plan.transactions.flat();
  const puts = steps.filter(({ put }) => put !== undefined).length;
  say(
    means,
    'rules',
    `Planned ${puts} of ${state.objects.size} etcd keys to write, ${steps.length - puts} to delete, ${plan.files.length} files, ${plan.members.length} member`,
  );
}

function summaryTexts(
  config: RecertConfig,
  means: RecertMeans,
  facts: SummaryFacts,
): RecertJournal['summaries'] {
  const complete = { ...facts, logs: means.logLines() };
  const texts: { path: string; text: string }[] = [];
  if (config.summary_file) texts.push({ path: config.summary_file, text: renderSummary(complete, false) });
  if (config.summary_file_clean)
    texts.push({ path: config.summary_file_clean, text: renderSummary(complete, true) });
  return texts;
}

/** The run knows more than the journal did; a run that only finished another one keeps that one's summaries. */
async function writeSummaries(config: RecertConfig, means: RecertMeans, facts: SummaryFacts): Promise<void> {
  if (facts.error === undefined && facts.graph === undefined && !config.postprocess_only) return;
  for (const { path, text } of summaryTexts(config, means, facts)) {
    try {
      await means.host.files.write(path, text, { mode: 0o600 });
    } catch (error) {
      if (facts.error === undefined) throw error;
      sayWarning(means, 'summary', `could not write ${path}: ${causeChain(error)[0]}`);
    }
  }
}
