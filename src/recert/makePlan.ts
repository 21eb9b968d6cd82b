import type { RecertConfig } from '#api/recertConfig.ts';
import type { Etcd } from '#system/etcd.ts';
import { TRANSACTION_BYTES, TRANSACTION_OPERATIONS } from '#system/etcd.ts';
import { applyRules, type RulesApplied } from './applyRules.ts';
import { type Change, cryptoChanges, ruleChanges } from './changes.ts';
import { type Encryption, newKeys, sealWith } from './encryption.ts';
import { type ClusterState, gather } from './gather.ts';
import { type BirthFacts, placeGivenObjects } from './givenObjects.ts';
import type { RecertJournal } from './journal.ts';
import { type RecertMeans, say } from './means.ts';
import { encryptionNeedles, needlesOf } from './needles.ts';
import type { NodeFile } from './nodeFiles.ts';
import type { RecertOptions } from './options.ts';
import { type Plan, planChanges, planMembers } from './plan.ts';
import { type Renewed, renewCrypto } from './renew.ts';
import type { RunFacts, RunTimes } from './runFacts.ts';
import { findDefects } from './soundness.ts';
import { planSshHostKeys } from './sshHostKeys.ts';
import { summaryTexts } from './summary.ts';

interface Planning {
  readonly options: RecertOptions;
  readonly digest: string;
  readonly etcd: Etcd | undefined;
  readonly means: RecertMeans;
  readonly facts: RunFacts;
}

interface Planned {
  readonly journal: RecertJournal;
  readonly times: RunTimes;
  /** Only for reports: it costs time. */
  readonly changes?: readonly Change[];
}

/** Scan, relate, regenerate, rename: all in memory. */
export async function makePlan(planning: Planning): Promise<Planned> {
  const { options, digest, etcd, means, facts } = planning;
  const { config } = facts;
  // RSA keys are what takes time: the first are under way while etcd is being read.
  if (!config.postprocess_only && !config.ip_change_only && etcd !== undefined)
    means.keys.makeAhead({ type: 'rsa', bits: 2048 }, 2);
  const state = await gather({ config, options, etcd, means });
  if (state.renames.cluster) facts.infraId = state.renames.cluster.infraId;
  const renewed = config.postprocess_only ? undefined : await renewCrypto(state, options, means);
  if (renewed !== undefined) Object.assign(facts, { graph: renewed.graph, regenerated: renewed.regenerated });
  facts.figures.found = foundIn(state, renewed);
  const started = means.clock();
  say(means, 'rules', 'Performing OCP post-processing and rename');
  const { encryption } = state.renames;
  const draft = renewed?.draft ?? state.draft();
  const applied = withGiven(
    applyRules(draft, state.renames),
    placeGivenObjects(draft, options.given, birthFacts(means)),
  );
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
    plan: {
      ...plan,
      files: [...plan.files, ...removals(state.oldSummaries), ...(await sshHostKeys(config, means))],
    },
    needles: needles(renewed, encryption),
    defectsBefore: renewed === undefined ? null : findDefects(renewed.graph).length,
    encryptionKeys: (encryption === undefined ? [] : newKeys(encryption)).map((key) => ({
      ...key,
      secret: key.secret.toString('base64'),
    })),
    summaries: summaryTexts(facts, means.logLines()),
  };
  tellPlan(journal.plan, state, means);
  const times: RunTimes = {
    ...(renewed?.times ?? { scan: 0, rsa: 0, processing: 0 }),
    commit: 0,
    postprocessing: means.clock() - started,
    etcdCommit: 0,
  };
  facts.figures.written = countsOf(journal.plan);
  const isReported = config.report_file || config.dry_run;
  return { journal, times, ...(isReported && { changes: allChanges(renewed, applied) }) };
}

/** Last, so that no rule renames what is meant as it is. */
const withGiven = (applied: RulesApplied, given: Pick<RulesApplied, 'deeds' | 'notes'>): RulesApplied => ({
  ...applied,
  deeds: [...applied.deeds, ...given.deeds],
  notes: [...applied.notes, ...given.notes],
});

const birthFacts = ({ now, random }: RecertMeans): BirthFacts => ({
  now: now(),
  random,
});

const allChanges = (renewed: Renewed | undefined, { deeds }: RulesApplied): Change[] => [
  ...(renewed === undefined ? [] : cryptoChanges(renewed.graph, renewed.regenerated)),
  ...ruleChanges(deeds),
];

function needles(renewed: Renewed | undefined, encryption: Encryption | undefined): RecertJournal['needles'] {
  const found = [
    ...(renewed === undefined ? [] : needlesOf(renewed.graph, renewed.regenerated)),
    ...(encryption === undefined ? [] : encryptionNeedles(encryption.oldKeys, newKeys(encryption))),
  ];
  return found.map(({ what, bytes }) => ({ what, bytes: bytes.toString('base64') }));
}

const removals = (files: readonly NodeFile[]): Plan['files'] =>
  files.map(({ path, content }) => ({ path, was: content }));

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
  const { puts, deletes, files, members } = countsOf(plan);
  say(
    means,
    'rules',
    `Planned ${puts} of ${state.count} etcd keys to write, ${deletes} to delete, ${files} files, ${members} member`,
  );
}

function countsOf({ transactions, files, members }: Plan) {
  const steps = transactions.flat();
  const puts = steps.filter(({ put }) => put !== undefined).length;
  return { puts, deletes: steps.length - puts, files: files.length, members: members.length };
}

function foundIn(state: ClusterState, renewed: Renewed | undefined): Record<string, number> {
  const read = { etcd_keys: state.count, files: state.files.size };
  if (renewed === undefined) return read;
  const { keyPairs, certificates, tokens } = renewed.graph.inventory;
  const pairs = [...keyPairs.values()];
  return {
    ...read,
    private_keys: pairs.filter(({ privateKey }) => privateKey !== undefined).length,
    public_keys: pairs.filter(({ publicLocations }) => publicLocations.length > 0).length,
    certificates: certificates.size,
    tokens: tokens.size,
  };
}
