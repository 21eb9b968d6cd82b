import { Failure } from '#base/failure.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Files } from '#system/host.ts';
import { commit } from './commit.ts';
import { removeTwins } from './commitFiles.ts';
import { closeJournal, type RecertJournal } from './journal.ts';
import { type RecertMeans, say } from './means.ts';
import { type Plan, reversed } from './plan.ts';

const SHOWN = 20;

/**
 * Puts everything back to how it was before the run that left the journal, wherever that run was killed. It may be
 * killed itself: until the journal is gone, both directions are open.
 *
 * @throws Failure recert/changed-meanwhile before anything is written, when something is neither as before nor as planned
 */
export async function rollBack(work: {
  journal: RecertJournal;
  journalPath: string;
  etcd: Etcd | undefined;
  means: RecertMeans;
}): Promise<void> {
  const { journal, journalPath, etcd, means } = work;
  const { files } = means.host;
  await refuseForeign(journal.plan, etcd, files);
  say(means, 'commit', `Rolling back the run that ${journalPath} is of`);
  // First, as a summary of an earlier run may have lain there.
  for (const { path } of journal.summaries) await files.remove(path);
  await commit(reversed(journal.plan), etcd, means.host);
  await removeTwins(means.host, journal.plan.files);
  // What the run wrote is in etcd's history; it would be new material that nobody uses, but secret all the same.
  if (etcd !== undefined) await etcd.compact((await etcd.status()).revision);
  await closeJournal(files, journalPath);
  say(means, 'commit', 'Rolled back: etcd and files are as before the run');
}

async function refuseForeign(plan: Plan, etcd: Etcd | undefined, files: Files): Promise<void> {
  const places = [...(await foreignKeys(plan, etcd)), ...(await foreignFiles(plan, files))];
  if (places.length === 0) return;
  const more = places.length > SHOWN ? `, and ${places.length - SHOWN} more` : '';
  throw new Failure({
    code: 'recert/changed-meanwhile',
    message: `can't roll back, as somebody else changed: ${places.slice(0, SHOWN).join(', ')}${more}`,
    hint: 'nothing was written; stop what writes to this etcd and these files, and restore them from a backup or finish the run by running it again',
  });
}

async function foreignKeys(plan: Plan, etcd: Etcd | undefined): Promise<string[]> {
  if (etcd === undefined) return [];
  const { entries } = await etcd.readAll('/');
  const present = new Map(entries.map(({ key, value }) => [key, value]));
  return plan.transactions
    .flat()
    .filter(({ key, put, was }) => !isOneOf(present.get(key), put, was))
    .map(({ key }) => key);
}

async function foreignFiles(plan: Plan, files: Files): Promise<string[]> {
  const foreign: string[] = [];
  for (const { path, content, from, was } of plan.files) {
    const renamed = from === undefined ? undefined : await files.readIfExists(from);
    const present = renamed ?? (await files.readIfExists(path));
    if (!isOneOf(present, content, was)) foreign.push(path);
  }
  return foreign;
}

const isOneOf = (present: Buffer | undefined, ...values: readonly (Buffer | undefined)[]): boolean =>
  values.some((value) => (value === undefined ? present === undefined : present?.equals(value) === true));
