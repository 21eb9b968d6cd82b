import { Failure } from '#base/failure.ts';
import type { Etcd } from '#system/etcd.ts';
import { commit } from './commit.ts';
import { closeJournal, type RecertJournal } from './journal.ts';
import { type RecertMeans, say } from './means.ts';
import type { RecertOptions } from './options.ts';
import { type Leftover, prove } from './prove.ts';
import type { RunFacts } from './runFacts.ts';

const SHOWN = 20;

/** Everything from the journal on: write, prove, close. May be repeated from any point. */
export async function finish(work: {
  journal: RecertJournal;
  journalPath: string;
  etcd: Etcd | undefined;
  options: RecertOptions;
  means: RecertMeans;
  facts: RunFacts;
}): Promise<void> {
  const { journal, journalPath, etcd, options, means, facts } = work;
  const { files } = means.host;
  say(means, 'commit', 'Committing to actual etcd');
  const started = means.clock();
  await commit(journal.plan, etcd, means.host);
  const committed = means.clock();
  const needles = journal.needles.map(({ what, bytes }) => ({ what, bytes: Buffer.from(bytes, 'base64') }));
  const keys = journal.encryptionKeys.map((key) => ({ ...key, secret: Buffer.from(key.secret, 'base64') }));
  const { leftovers, defects } = await prove({ needles, keys, etcd, files, paths: options.paths });
  const { figures } = facts;
  Object.assign(figures.seconds, { commit: committed - started, prove: means.clock() - committed });
  figures.leftovers = leftovers.length;
  for (const { path, text } of journal.summaries) await files.write(path, text, { mode: 0o600 });
  await compactAway(etcd, facts.config.etcd_defrag === true);
  await closeJournal(files, journalPath);
  if (leftovers.length > 0) throw leftoverFailure(leftovers);
  if (journal.defectsBefore !== null && defects.length > journal.defectsBefore) throw defectFailure(defects);
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

function leftoverFailure(leftovers: readonly Leftover[]): Failure {
  return new Failure({
    code: 'recert/leftover',
    message: `old material is left after the run: ${listed(leftovers.map(({ place, what }) => `${what} in ${place}`))}`,
    hint: 'these places are written in a form that recert does not read; remove them by hand and run again',
    facts: { leftovers },
  });
}

const defectFailure = (defects: readonly string[]): Failure =>
  new Failure({
    code: 'recert/unsound',
    message: `what was written does not fit together: ${listed(defects)}`,
    hint: 'the cluster will not start like this; please report it, and restore etcd and the files from a backup',
    facts: { defects },
  });

function listed(all: readonly string[]): string {
  const more = all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '';
  return `${all.slice(0, SHOWN).join('; ')}${more}`;
}
