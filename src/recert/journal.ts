import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '#base/failure.ts';
import type { EncryptionKey } from '#k8s/encryption.ts';
import type { Files } from '#system/host.ts';
import type { FileStep, ObjectStep, Plan } from './plan.ts';

/** A plan, and what its checks need: on disk from before the first write until the last check. Holds private keys. */
export interface RecertJournal {
  /** Digest of the configuration that the plan was made with. */
  readonly configuration: string;
  readonly plan: Plan;
  /** Old material that must be gone afterwards; base64. */
  readonly needles: readonly { readonly what: string; readonly bytes: string }[];
  /** How many defects there were before, which are not held against the run; null: it renews no crypto. */
  readonly defectsBefore: number | null;
  /** What etcd's values are encrypted with once the plan is carried out; secrets in base64. */
  readonly encryptionKeys: readonly (Omit<EncryptionKey, 'secret'> & { readonly secret: string })[];
  /** The summary files as they are to be written, by path. */
  readonly summaries: readonly { readonly path: string; readonly text: string }[];
}

/**
 * The first line of the file. The lines after it are the plan's transactions and then its files, one each, because a
 * large cluster's plan is longer than any text that a program can hold.
 */
interface JournalHead extends Omit<RecertJournal, 'plan'> {
  readonly version: typeof VERSION;
  readonly transactions: number;
  readonly files: number;
  readonly members: Plan['members'];
}

const VERSION = 2;
export const DEFAULT_JOURNAL = '/var/lib/sower/recert-journal.json';

/** The plan that an earlier run could not finish, if there is one. Another configuration's plan is refused. */
export async function openJournal(
  files: Files,
  path: string,
  configuration: string,
): Promise<RecertJournal | undefined> {
  await files.remove(temporaryOf(path)); // of a run that was killed while it wrote: it holds new keys
  if (!(await files.exists(path))) return undefined;
  const journal = await readJournal(files, path);
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
  const temporary = temporaryOf(path);
  await pipeline(
    Readable.from(journalLines(journal)),
    files.writeStream(temporary, { mode: 0o600, isSynced: true }),
  );
  await files.rename(temporary, path);
}

const temporaryOf = (path: string): string => `${path}.tmp`;

export const closeJournal = (files: Files, path: string): Promise<void> => files.remove(path);

function* journalLines({ plan, ...rest }: RecertJournal): Generator<string> {
  const { transactions, files, members } = plan;
  const head: JournalHead = {
    version: VERSION,
    ...rest,
    transactions: transactions.length,
    files: files.length,
    members,
  };
  yield `${JSON.stringify(head)}\n`;
  // One step at a time, as the text of a whole transaction takes megabytes.
  for (const steps of transactions) {
    yield '[';
    for (const [index, step] of steps.entries())
      yield `${index === 0 ? '' : ','}${JSON.stringify(renderStep(step))}`;
    yield ']\n';
  }
  for (const step of files) yield `${JSON.stringify(renderStep(step))}\n`;
}

/** It is written atomically, so anything unreadable was changed by somebody else. */
async function readJournal(files: Files, path: string): Promise<RecertJournal> {
  const lines: unknown[] = [];
  try {
    for await (const line of createInterface({ input: files.readStream(path) }))
      lines.push(JSON.parse(line, parseStep));
  } catch (error) {
    // The parser's message quotes the text, which holds keys.
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable(path);
  }
  const [head, ...steps] = lines as [JournalHead, ...unknown[]];
  if (head?.version !== VERSION || steps.length !== head.transactions + head.files) throw unreadable(path);
  const { version: _, transactions, files: __, members, ...rest } = head;
  const plan = {
    transactions: steps.slice(0, transactions) as Plan['transactions'],
    files: steps.slice(transactions) as Plan['files'],
    members,
  };
  return { ...rest, plan };
}

const unreadable = (path: string): Failure =>
  new Failure({
    code: 'recert/journal-unreadable',
    message: `${path} is no journal of this version of recert`,
    hint: 'finish with the version that wrote it; remove it only if the host was set up anew since',
  });

/** Members of steps that are bytes: base64 in the file. */
const BYTES = ['put', 'was', 'content'] as const;

function renderStep(step: ObjectStep | FileStep): object {
  const members: Partial<Record<(typeof BYTES)[number], Buffer>> = step;
  return { ...step, ...Object.fromEntries(BYTES.map((name) => [name, members[name]?.toString('base64')])) };
}

const parseStep = (name: string, value: unknown): unknown =>
  typeof value === 'string' && (BYTES as readonly string[]).includes(name)
    ? Buffer.from(value, 'base64')
    : value;
