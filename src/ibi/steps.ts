import { SEED_INFO_LABEL, staterootOf } from '#api/seedImage.ts';
import { info, warn } from '#base/logger.ts';
import type { Step } from '#base/step.ts';
import { findContainerStore } from '#system/containerStorePlace.ts';
import { installBootLoader } from './bootLoader.ts';
import { checkMachine, checkSeedImage } from './check.ts';
import { cleanDisk } from './cleanDisk.ts';
import { markFinished, markUnfinished } from './diskMarker.ts';
import { type InstallationRecord, removeOtherDeployments, runPostScript, writeRecord } from './finish.ts';
import type { Installation } from './installation.ts';
import { canPrecacheEarly } from './precache.ts';
import {
  type PreparedDisk,
  prepareDisk,
  releaseDisk,
  renewContainersStorage,
  reopenDisk,
} from './prepareDisk.ts';
import { dropDamagedObjects, dropStateroot, openWorkspace, workspaceOf } from './resume.ts';
import { fetchSeed, findStateroot, type Stateroot, setUpStateroot } from './stateroot.ts';

const STATEROOT = 'set up stateroot';
const PRECACHE = 'precache images';

/** The whole installation in its order. Steps that can't be seen on the disk stand in a journal there when they are complete. */
export function installationSteps(installation: Installation): Step[] {
  const { context, log } = installation;
  const once = (name: string, run: () => Promise<void>): Step => journaled(installation, name, run);
  return [
    { name: 'check seed and machine', run: () => check(installation) },
    ...(context.config.skipDiskCleanup ? [] : [cleaning(installation)]),
    { name: 'prepare disk', run: () => openOrPrepare(installation) },
    { name: 'mark incomplete', run: () => record(installation, 'incomplete') },
    {
      name: 'fetch seed image',
      // Whole blobs are known by their digests; once there is a stateroot, they are gone.
      isDone: async () => isComplete(installation, STATEROOT),
      run: async () => {
        const { target, source } = installation.checked;
        await fetchSeed(context, target, source);
        log.moved(source.image.layerBytes);
      },
    },
    once(STATEROOT, () => makeStateroot(installation)),
    once(PRECACHE, () => precache(installation)),
    once('run post script', () => runPostScript(context, installation.checked.target)),
    {
      name: 'remove other deployments',
      run: async () =>
        removeOtherDeployments(context, installation.checked.target, await stateroot(installation)),
    },
    { name: 'mark complete', run: () => markComplete(installation) },
    { name: 'make bootable', run: () => makeBootable(installation) },
  ];
}

/** A step that a later run of the same installation does not repeat once it is complete and on stable storage. */
function journaled(installation: Installation, name: string, run: () => Promise<void>): Step {
  return {
    name,
    isDone: async () => isComplete(installation, name),
    run: async () => {
      const { workspace, checked } = installation;
      await workspace.journal.start(name, checked.input);
      await run();
      await workspace.journal.end(name, checked.input);
    },
  };
}

const isComplete = ({ workspace, checked }: Installation, step: string): boolean =>
  workspace.journal.isDone(step, checked.input);

async function check(installation: Installation): Promise<void> {
  const { context, log } = installation;
  const seed = await checkSeedImage(context);
  log.note({ seed_image: seed.source.pinned, seed_digest: seed.source.image.digest });
  installation.checked = { ...seed, ...(await checkMachine(context, seed, { isDryRun: false })) };
}

const cleaning = (installation: Installation): Step => ({
  name: 'clean disk',
  isDone: async () => installation.checked.resumes,
  run: () => cleanDisk(installation.context, installation.checked.target),
});

async function openOrPrepare(installation: Installation): Promise<void> {
  const { context, checked, log } = installation;
  const prepared = { target: checked.target, partitions: [] };
  installation.prepared = prepared;
  if (checked.resumes) {
    try {
      await reopenDisk(context, prepared);
      installation.workspace = await openWorkspace(context, checked.target);
      await dropDoubtful(installation, prepared);
      log.note({ resumed: true });
      return;
    } catch (error) {
      warn(context.logger, `the unfinished installation can't be gone on with: ${(error as Error).message}`);
      await releaseDisk(context, prepared);
      if (!context.config.skipDiskCleanup) await cleanDisk(context, checked.target);
    }
  }
  await prepareDisk(context, prepared);
  installation.workspace = await openWorkspace(context, checked.target);
  await installation.workspace.trust();
  await markUnfinished(context.host, checked.target.disk.path, checked.input);
}

/** After a restart of the machine: what no stage has synced, and what would look whole to OSTree and the image store. */
async function dropDoubtful(installation: Installation, prepared: PreparedDisk): Promise<void> {
  const { context, checked, workspace } = installation;
  if (workspace.isAfterReboot) {
    if (!isComplete(installation, PRECACHE)) await renewContainersStorage(context, prepared);
    if (!isComplete(installation, STATEROOT)) {
      await dropStateroot(context, checked.target, staterootOf(context.config.seedVersion));
      await dropDamagedObjects(context, checked.target);
    }
  }
  await workspace.trust();
}

/** Precaching begins as soon as the image list came by, if the seed says which store its cluster has. */
async function makeStateroot(installation: Installation): Promise<void> {
  const { context, checked } = installation;
  const { target, store, source } = checked;
  const osname = staterootOf(context.config.seedVersion);
  await dropStateroot(context, target, osname);
  const isEarly =
    store !== undefined && !context.config.precacheDisabled && (await canPrecacheEarly(context, store));
  installation.stateroot = await setUpStateroot(context, target, (images) => {
    if (!isEarly || isComplete(installation, PRECACHE)) return;
    installation.beginPrecaching({
      images,
      clusterInfo: source.image.labels[SEED_INFO_LABEL] ?? '',
      store,
      stateroot: `${target.rootMount}/ostree/deploy/${osname}`,
      deployment: undefined,
    });
  });
}

async function stateroot(installation: Installation): Promise<Stateroot> {
  const { context, checked } = installation;
  installation.stateroot ??= await findStateroot(context, checked.target);
  return installation.stateroot;
}

async function precache(installation: Installation): Promise<void> {
  const { context, checked } = installation;
  if (context.config.precacheDisabled) {
    info(context.logger, 'precaching is disabled by the configuration');
    return;
  }
  const { seed, directory, deployment } = await stateroot(installation);
  const store = await findContainerStore(context.host.files, deployment);
  const { images, clusterInfo } = seed;
  installation.beginPrecaching({ images, clusterInfo, store, stateroot: directory, deployment });
  await installation.precaching.finish();
  await context.host.run(['sync', '-f', checked.target.containersMount]);
}

async function record({ context, checked }: Installation, state: InstallationRecord['state']): Promise<void> {
  await writeRecord(context, checked.target, {
    state,
    seedImage: checked.source.pinned,
    seedVersion: context.config.seedVersion,
    toolVersion: context.options.toolVersion,
    input: checked.input,
  });
}

/** From here on the disk says that it is installed, and a further run begins anew. */
async function markComplete(installation: Installation): Promise<void> {
  const { context, checked } = installation;
  await record(installation, 'complete');
  await context.host.files.remove(workspaceOf(checked.target));
  await markFinished(context, checked.target.disk.path);
}

async function makeBootable({ context: { host }, checked: { target } }: Installation): Promise<void> {
  if (target.method.kind === 'own-layout') {
    const workDirectory = `${target.rootMount}/ostree/boot-loader`;
    await host.files.makeDirectory(workDirectory, 0o700);
    await host.run(['sync', '-f', target.rootMount]);
    await installBootLoader(host, {
      disk: target.disk.path,
      bootDirectory: `${target.rootMount}/boot`,
      workDirectory,
      grub: target.method.grub,
    });
    await host.files.remove(workDirectory);
  }
  for (const directory of [target.rootMount, `${target.rootMount}/boot`, target.containersMount]) {
    await host.run(['sync', '-f', directory]);
  }
}
