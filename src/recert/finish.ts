import type { Etcd } from '#system/etcd.ts';
import { commit } from './commit.ts';
import { closeJournal, type RecertJournal } from './journal.ts';
import { type EtcdAccess, type RecertMeans, say } from './means.ts';
import { NeedleSearch } from './needleSearch.ts';
import type { RecertOptions } from './options.ts';
import { proofFailure, prove } from './prove.ts';
import { searchRawFiles } from './rawFiles.ts';
import type { RunFacts } from './runFacts.ts';

/** Everything from the journal on: write, prove, close. May be repeated from any point. */
export async function finish(work: {
  journal: RecertJournal;
  journalPath: string;
  access: EtcdAccess | undefined;
  options: RecertOptions;
  means: RecertMeans;
  facts: RunFacts;
}): Promise<void> {
  const { journal, journalPath, access, options, means, facts } = work;
  const etcd = access?.etcd;
  const { files } = means.host;
  say(means, 'commit', 'Committing to actual etcd');
  const started = means.clock();
  await commit(journal.plan, etcd, means.host);
  const committed = means.clock();
  const needles = journal.needles.map(({ what, bytes }) => ({ what, bytes: Buffer.from(bytes, 'base64') }));
  const keys = journal.encryptionKeys.map((key) => ({ ...key, secret: Buffer.from(key.secret, 'base64') }));
  const proof = await prove({ needles, keys, etcd, files, paths: options.paths });
  for (const { path, text } of journal.summaries) await files.write(path, text, { mode: 0o600 });
  await compactAway(etcd, facts.config.etcd_defrag === true);
  const rebuilt = facts.config.etcd_rebuild === true ? await rebuild(access, means) : [];
  const raw = await searchRawFiles(files, rebuilt, new NeedleSearch(needles));
  const leftovers = [...proof.leftovers, ...raw];
  const { figures } = facts;
  Object.assign(figures.seconds, { commit: committed - started, prove: means.clock() - committed });
  figures.leftovers = leftovers.length;
  await closeJournal(files, journalPath);
  const isWorse = journal.defectsBefore !== null && proof.defects.length > journal.defectsBefore;
  const failure = proofFailure({ leftovers, defects: isWorse ? proof.defects : [] });
  if (failure !== undefined) throw failure;
  say(
    means,
    'prove',
    `Searched etcd and files for ${needles.length} old keys, certificates and tokens: none is left, and every chain and key fits`,
  );
}

/** History still holds what was replaced, and gets in the way of nobody once it is gone. */
async function compactAway(etcd: Etcd | undefined, defragment: boolean): Promise<void> {
  if (etcd === undefined) return;
  await etcd.compact((await etcd.status()).revision);
  if (defragment) await etcd.defragment();
}

/** The directories that hold nothing but live keys afterwards: no history, no log, no free pages with old bytes. */
async function rebuild(access: EtcdAccess | undefined, means: RecertMeans): Promise<string[]> {
  const [member] = (await access?.etcd.members()) ?? [];
  if (access?.rebuild === undefined || member === undefined) return [];
  await access.close();
  say(means, 'commit', `Making the data directory of etcd member "${member.name}" anew`);
  return [await access.rebuild({ name: member.name, peerUrl: member.peerUrls[0]! })];
}
