import { Failure } from '#base/failure.ts';
import { info, error as logError } from '#base/logger.ts';
import { journalFile } from '#system/journalFile.ts';
import { systemd } from '#system/systemd.ts';
import { NETWORK_CERTIFICATES, SEED_PATHS, type SeedContext } from './context.ts';
import { removeUnits } from './executable.ts';
import { restoreCrypto } from './recert.ts';

/** The name under which `create` journals the expiry of the crypto. */
export const RECERT_STEP = 'expire crypto';

/**
 * Brings the seed cluster back (lifecycle-agent 7), whatever `create` got to. Each part is tried although another one
 * failed; a Failure `seed/restoration-incomplete` names all that did. The kept keys are removed only after the
 * cluster has them back, so that the command can be run again. The work files stay until `pushing` has ended, and the
 * cluster starts after they are gone: a killed run that still has its journal finds no etcd running.
 */
export async function restoreSeed(context: SeedContext, pushing?: Promise<unknown>): Promise<void> {
  const { logger, options } = context;
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
  await attempt('units', () => removeUnits(context));
  const expired = !options.skipRecertValidation && (await wasExpired(context));
  const hasCrypto = !expired || (await attempt('crypto', () => restoreCrypto(context)));
  await Promise.allSettled([pushing]);
  if (hasCrypto) await attempt('work files', () => removeWorkFiles(context));
  await attempt('services', () => startCluster(context));
  if (failed.length === 0) return info(logger, 'the seed cluster is starting again');
  throw new Failure({
    code: 'seed/restoration-incomplete',
    message: `encountered ${failed.length} errors during restoration: ${failed.join('; ')}`,
    hint: 'remove the cause and run "lca-cli restore" with the same flags again',
    facts: { failed },
  });
}

/** Also when it was only begun: then some of the crypto is expired and some is not. */
async function wasExpired({ host }: SeedContext): Promise<boolean> {
  const lines = await journalFile(host.files, SEED_PATHS.journal).lines();
  return lines.some((line) => line.includes(JSON.stringify(RECERT_STEP)));
}

async function removeWorkFiles({ host }: SeedContext): Promise<void> {
  const { backup, image, keys, checks, seedData } = SEED_PATHS;
  // The journal goes last: while it is there, a killed restoration still knows what to do.
  for (const path of [backup, image, ...NETWORK_CERTIFICATES, seedData, keys, checks]) {
    await host.files.remove(path);
  }
}

async function startCluster({ host }: SeedContext): Promise<void> {
  for (const runtime of ['crio.service', 'containerd.service']) {
    const installed = (await systemd(host).property(runtime, 'LoadState')) === 'loaded';
    if (installed) await systemd(host).start(runtime);
  }
  await systemd(host).enableNow('kubelet.service');
}
