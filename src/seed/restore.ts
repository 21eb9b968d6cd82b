import { Failure } from '#base/failure.ts';
import type { JournalEntry } from '#base/journal.ts';
import { info, error as logError } from '#base/logger.ts';
import { journalFile } from '#system/journalFile.ts';
import { systemd } from '#system/systemd.ts';
import { NETWORK_CERTIFICATES, SEED_PATHS, type SeedContext } from './context.ts';
import { removeUnits } from './executable.ts';
import { restoreCrypto } from './recert.ts';
import { stopCluster } from './services.ts';

/** The names under which the expiry of the crypto, the restoration and its turning point are journalled. */
export const RECERT_STEP = 'expire crypto';
const RESTORATION = 'restore';
const CRYPTO_RESTORED = 'restore crypto';

/**
 * Brings the seed cluster back (lifecycle-agent 7), whatever `create` got to. Each part is tried although another one
 * failed; a Failure `seed/restoration-incomplete` names all that did. The kept keys are removed only after the
 * cluster has them back, so that the command can be run again, also after it was killed. The work files stay until
 * `pushing` has ended; the journal goes last, because while it is there the next run knows what is left to do.
 */
export async function restoreSeed(context: SeedContext, pushing?: Promise<unknown>): Promise<void> {
  const { host, logger, options } = context;
  const failed: string[] = [];
  const attempt = async (name: string, work: () => Promise<unknown>): Promise<boolean> => {
    info(logger, `restoring the seed cluster: ${name}`);
    try {
      await work();
      return true;
    } catch (error) {
      const message = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      logError(logger, message);
      failed.push(message);
      return false;
    }
  };
  await attempt('journal', () => note(context, { step: RESTORATION, event: 'start' }));
  await attempt('units', () => removeUnits(context));
  const expired = !options.skipRecertValidation && (await wasExpired(context));
  const hasCrypto = !expired || (await attempt('crypto', () => giveCryptoBack(context)));
  await Promise.allSettled([pushing]);
  const isClean = hasCrypto && (await attempt('work files', () => removeWorkFiles(context)));
  const isStarting = await attempt('services', () => startCluster(context));
  if (isClean && isStarting) await attempt('journal', () => host.files.remove(SEED_PATHS.checks));
  if (failed.length === 0) return info(logger, 'the seed cluster is starting again');
  throw new Failure({
    code: 'seed/restoration-incomplete',
    message: `encountered ${failed.length} errors during restoration: ${failed.join('; ')}`,
    hint: 'remove the cause and run "lca-cli restore" with the same flags again',
    facts: { failed },
  });
}

/** True when a run of `restore`, or the end of one of `create`, was cut off or failed. */
export const isRestorationBegun = async (context: SeedContext): Promise<boolean> =>
  (await journalSteps(context)).includes(RESTORATION);

/** Also when it was only begun: then some of the crypto is expired and some is not. */
async function wasExpired(context: SeedContext): Promise<boolean> {
  const steps = await journalSteps(context);
  // A second time it would find neither the keys nor what they are called: it would make new ones.
  return steps.includes(RECERT_STEP) && !steps.includes(CRYPTO_RESTORED);
}

async function giveCryptoBack(context: SeedContext): Promise<void> {
  // An earlier attempt that failed has started the cluster all the same.
  await stopCluster(context);
  await restoreCrypto(context);
  await note(context, { step: CRYPTO_RESTORED, event: 'end' });
}

/** Steps that the journal names; it may be damaged, which must not keep the cluster from coming back. */
async function journalSteps({ host }: SeedContext): Promise<string[]> {
  const lines = await journalFile(host.files, SEED_PATHS.journal).lines();
  return lines.flatMap((line) => /"step":"([^"]*)"/.exec(line)?.[1] ?? []);
}

/** Where `create` was never begun there is no journal, and nothing to remember. */
async function note({ host, now }: SeedContext, entry: Pick<JournalEntry, 'step' | 'event'>): Promise<void> {
  if (!(await host.files.exists(SEED_PATHS.journal))) return;
  const line: JournalEntry = { ...entry, input: '', at: now().toISOString() };
  await journalFile(host.files, SEED_PATHS.journal).append(JSON.stringify(line));
}

async function removeWorkFiles({ host }: SeedContext): Promise<void> {
  const { backup, image, keys, seedData } = SEED_PATHS;
  for (const path of [backup, image, ...NETWORK_CERTIFICATES, seedData, keys]) await host.files.remove(path);
}

async function startCluster({ host }: SeedContext): Promise<void> {
  for (const runtime of ['crio.service', 'containerd.service']) {
    const installed = (await systemd(host).property(runtime, 'LoadState')) === 'loaded';
    if (installed) await systemd(host).start(runtime);
  }
  await systemd(host).enableNow('kubelet.service');
}
