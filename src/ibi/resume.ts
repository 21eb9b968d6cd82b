import { Journal } from '#base/journal.ts';
import { warn } from '#base/logger.ts';
import { journalFile } from '#system/journalFile.ts';
import { ostree } from '#system/ostree.ts';
import type { IbiContext } from './context.ts';
import type { SeedContent } from './seedContent.ts';
import type { Target } from './target.ts';

/** On the target's root: memory of the live system stays free, pull-local makes hard links, a re-run finds it. */
export const workspaceOf = (target: Target): string => `${target.rootMount}/ostree/lca-ibi`;

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** What an unfinished installation says of itself on its own disk. */
export interface Workspace {
  readonly journal: Journal;
  /**
   * True when the machine was started anew since the last run: what was not synced may be lost, so stages that the
   * journal does not call complete may have left files without content.
   */
  readonly isAfterReboot: boolean;
  /** Nothing doubtful is left: from now on what is written is known to be this boot's. */
  trust(): Promise<void>;
}

/** Opens the journal on the mounted root. */
export async function openWorkspace({ host, now }: IbiContext, target: Target): Promise<Workspace> {
  const { files } = host;
  const work = workspaceOf(target);
  await files.makeDirectory(work, 0o700);
  const boot = (await files.readIfExists(BOOT_ID))?.toString('utf8').trim() ?? '';
  const before = (await files.readIfExists(`${work}/boot-id`))?.toString('utf8');
  return {
    journal: await Journal.open(journalFile(files, `${work}/journal`), now),
    isAfterReboot: before !== undefined && before !== boot,
    trust: () => files.write(`${work}/boot-id`, boot, { mode: 0o600 }),
  };
}

/** Kept for stages of a later run; the seed's archives are gone by then. */
export const keepSeedContent = ({ host }: IbiContext, target: Target, seed: SeedContent): Promise<void> =>
  host.files.write(`${workspaceOf(target)}/seed.json`, JSON.stringify(seed), { mode: 0o600 });

export async function readSeedContentOf({ host }: IbiContext, target: Target): Promise<SeedContent> {
  return JSON.parse(await host.files.readText(`${workspaceOf(target)}/seed.json`)) as SeedContent;
}

/** Takes away what a stateroot that was not finished has left, so that nothing half-written is taken for complete. */
export async function dropStateroot(
  { host, logger }: IbiContext,
  target: Target,
  osname: string,
): Promise<void> {
  const { files } = host;
  const directory = `${target.rootMount}/ostree/deploy/${osname}`;
  const work = workspaceOf(target);
  if (!(await files.exists(directory)) && !(await files.exists(`${work}/repo`))) return;
  warn(logger, 'removing the unfinished stateroot of an interrupted run');
  const sysroot = ostree(host, target.rootMount);
  const own = (await sysroot.status()).filter((d) => d.osname === osname);
  for (const deployment of own.reverse()) await sysroot.undeploy(deployment.index);
  await sysroot.cleanUp();
  for (const path of [directory, `${work}/repo`, `${work}/etc.tgz`]) await files.remove(path);
}

/** Objects of an OSTree repository that were not synced before the machine went down may be empty, under the right name. */
export const dropDamagedObjects = ({ host }: IbiContext, target: Target): Promise<void> =>
  ostree(host, target.rootMount).removeDamaged();
