import { createHash } from 'node:crypto';
import { type BackgroundWork, backgroundWork } from '#base/backgroundWork.ts';
import { Journal } from '#base/journal.ts';
import { info, error as logError } from '#base/logger.ts';
import { runSteps, type Step } from '#base/step.ts';
import { findContainerStore } from '#system/containerStorePlace.ts';
import { journalFile } from '#system/journalFile.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';
import { gatherClusterInfo, writeClusterInfo } from './clusterInfo.ts';
import { archiveEtc, archiveOstree, archiveVar, describeDeployment } from './contents.ts';
import { NETWORK_CERTIFICATES, SEED_PATHS, type SeedContext, withApi } from './context.ts';
import { copyExecutable, installUnits } from './executable.ts';
import { waitForHealth } from './health.ts';
import { buildSeedImage } from './image.ts';
import { writeImageList } from './imageList.ts';
import { keepPullSecret } from './pullSecret.ts';
import { pushAndRestore } from './push.ts';
import { expireCrypto } from './recert.ts';
import { isRestorationBegun, RECERT_STEP, restoreSeed } from './restore.ts';
import { backUpSeedKeys } from './seedKeys.ts';
import { stopCluster } from './services.ts';
import { readUnpackedBytes } from './unpackedBytes.ts';

const HEALTH_STEP = 'check health';
const OSTREE_STEP = 'archive ostree';

interface Progress {
  readonly journal: Journal;
  /** Digest of the flags. */
  readonly input: string;
  readonly ostreeArchive: BackgroundWork;
}

/**
 * `lca-cli create`: takes the healthy cluster of this host apart into a seed image, pushes it, and brings the cluster
 * back, also when a step failed. Returns the pushed image by digest. A killed run goes on where it was when it is
 * started again with the same flags; `restoreSeed` gives it up.
 */
export async function runCreate(context: SeedContext): Promise<string> {
  const { host, logger, options } = context;
  if (await isRestorationBegun(context)) {
    info(
      logger,
      'an earlier run was bringing the seed cluster back: finishing that before a seed image is made',
    );
    await restoreSeed(context);
  }
  for (const directory of [SEED_PATHS.backup, SEED_PATHS.checks])
    await host.files.makeDirectory(directory, 0o700);
  const journal = await Journal.open(journalFile(host.files, SEED_PATHS.journal), context.now);
  const input = createHash('sha256').update(JSON.stringify(options)).digest('hex');
  // The earlier run is not given up because this one was called with other flags.
  journal.isDone(HEALTH_STEP, input);
  const ostreeArchive = backgroundWork((signal) => archiveOstree(context, signal));
  try {
    await runSteps(createSteps(context, { journal, input, ostreeArchive }), { ...context, journal });
  } catch (error) {
    await ostreeArchive.cancel();
    if (!options.skipCleanup) {
      // What went wrong first is what has to be told; the restoration has logged its own errors.
      await restoreSeed(context).catch((second: Error) => logError(logger, second.message));
    }
    throw error;
  }
  return pushAndRestore(context);
}

/**
 * Until the cluster is stopped, steps ask its API server, so a second run may not repeat them: they run once by the
 * journal. The archives run once because they take long; the one of the OSTree repository, which nothing changes
 * meanwhile, is made while the cluster stops and its crypto expires.
 */
function createSteps(context: SeedContext, { journal, input, ostreeArchive }: Progress): Step[] {
  const { host, options } = context;
  const once = { input };
  return [
    { name: HEALTH_STEP, once, run: () => withApi(context, (api) => waitForHealth(context, api)) },
    { name: 'copy executable', run: () => copyExecutable(context) },
    { name: 'install units', run: () => installUnits(context) },
    { name: 'list images', once, run: () => withApi(context, (api) => writeImageList(context, api)) },
    {
      name: 'describe cluster',
      once,
      run: () =>
        withApi(context, async (api) => writeClusterInfo(context, await gatherClusterInfo(context, api))),
    },
    ...(options.skipRecertValidation
      ? []
      : [{ name: 'keep keys', once, run: () => withApi(context, (api) => keepSecrets(context, api)) }]),
    {
      name: 'begin ostree archive',
      isDone: async () => journal.isDone(OSTREE_STEP, once.input),
      run: async () => ostreeArchive.start(),
    },
    { name: 'stop cluster', run: () => stopCluster(context) },
    ...(options.skipRecertValidation ? [] : [{ name: RECERT_STEP, once, run: () => expireCrypto(context) }]),
    {
      name: 'remove network certificates',
      run: async () => {
        for (const path of NETWORK_CERTIFICATES) await host.files.remove(path);
      },
    },
    { name: 'archive var', once, run: () => archiveVar(context) },
    { name: 'archive etc', once, run: () => archiveEtc(context) },
    { name: OSTREE_STEP, once, run: () => ostreeArchive.finish() },
    { name: 'describe deployment', run: () => describeDeployment(context) },
    {
      name: 'build image',
      run: async () => {
        const { architecture, now } = context;
        const { backup, image } = SEED_PATHS;
        const containerStore = await findContainerStore(host.files, '');
        const unpackedBytes = await readUnpackedBytes(host);
        const facts = { architecture, now: now(), containerStore, unpackedBytes };
        await buildSeedImage(host, { directory: backup, layout: image, ...facts });
      },
    },
  ];
}

/** What the seed gets back when its image is made: they stay on this host. */
async function keepSecrets(context: SeedContext, api: KubernetesApi): Promise<void> {
  await backUpSeedKeys(context, api);
  await keepPullSecret(context, api);
}
