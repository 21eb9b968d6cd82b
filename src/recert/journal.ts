import { Failure } from '#base/failure.ts';
import type { EncryptionKey } from '#k8s/encryption.ts';
import type { Files } from '#system/host.ts';
import type { Plan } from './plan.ts';

/** A plan on disk: from before the first write until the last check. Holds private keys, mode 0600. */
export interface RecertJournal {
  readonly version: 1;
  /** Digest of the configuration that the plan was made with. */
  readonly configuration: string;
  readonly plan: Plan;
  /** Old material that must be gone afterwards; base64. */
  readonly needles: readonly { readonly what: string; readonly bytes: string }[];
  /** What etcd's values are encrypted with once the plan is carried out; secrets in base64. */
  readonly encryptionKeys: readonly (Omit<EncryptionKey, 'secret'> & { readonly secret: string })[];
  /** The summary files as they are to be written, by path. */
  readonly summaries: readonly { readonly path: string; readonly text: string }[];
}

export const DEFAULT_JOURNAL = '/var/lib/sower/recert-journal.json';

/** The plan that an earlier run could not finish, if there is one. Another configuration's plan is refused. */
export async function openJournal(
  files: Files,
  path: string,
  configuration: string,
): Promise<RecertJournal | undefined> {
  const content = await files.readIfExists(path);
  if (content === undefined) return undefined;
  const journal = parseJournal(content, path);
  if (journal.configuration !== configuration) {
    throw new Failure({
      code: 'recert/other-journal',
      message: `${path} holds the unfinished plan of a run with another configuration`,
      hint: 'run recert once with that configuration to finish it; only if the host was set up anew since, remove the file',
    });
  }
  return journal;
}

/** Returns when the plan is on stable storage. */
export async function writeJournal(files: Files, path: string, journal: RecertJournal): Promise<void> {
  await files.makeDirectory(path.slice(0, path.lastIndexOf('/')) || '/', 0o700);
  await files.write(path, JSON.stringify(journal), { mode: 0o600 });
}

export const closeJournal = (files: Files, path: string): Promise<void> => files.remove(path);

/** It is written atomically, so anything unreadable was changed by somebody else. */
function parseJournal(content: Buffer, path: string): RecertJournal {
  try {
    const journal = JSON.parse(content.toString('utf8')) as RecertJournal;
    if (journal.version === 1 && Array.isArray(journal.plan.transactions)) return journal;
  } catch {}
  throw new Failure({
    code: 'recert/journal-unreadable',
    message: `${path} is no journal of this version of recert`,
    hint: 'finish with the version that wrote it; remove it only if the host was set up anew since',
  });
}
