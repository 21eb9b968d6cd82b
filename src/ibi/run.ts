import { Failure } from '#base/failure.ts';
import { info, warn } from '#base/logger.ts';
import { runSteps, type Step } from '#base/step.ts';
import { pinnedTo, registry } from '#system/registry.ts';
import { installBootLoader } from './bootLoader.ts';
import { cleanDisk } from './cleanDisk.ts';
import { type IbiContext, registryAccess } from './context.ts';
import { removeOtherDeployments, runPostScript, writeRecord } from './finish.ts';
import { precacheImages } from './precache.ts';
import { type PreparedDisk, prepareDisk, releaseDisk } from './prepareDisk.ts';
import { checkSeed } from './seedCheck.ts';
import { type Stateroot, setUpStateroot } from './stateroot.ts';
import { gatherTarget } from './target.ts';

/**
 * `lca-cli ibi`: installs a seed image to an empty disk. All that can be known is checked before the disk is touched;
 * the code that makes the disk bootable is written last, so that a half-written disk never starts.
 */
export async function runIbi(context: IbiContext): Promise<void> {
  const { host, config, logger } = context;
  const remote = await registry(host, await registryAccess(context)).inspect(config.seedImage);
  const image = pinnedTo(config.seedImage, remote.digest);
  checkSeed({ config, image: remote, architecture: context.architecture });
  await checkPostScript(context);
  const target = await gatherTarget(context, remote.layerBytes);
  info(logger, `installing ${image} to ${target.disk.path} (${config.installationDisk})`);

  const prepared: PreparedDisk = { target, partitions: [] };
  const record = { seedImage: image, seedVersion: config.seedVersion };
  let deployed: Stateroot | undefined;
  const stateroot = (): Stateroot => deployed ?? missingStateroot();
  const steps: Step[] = [
    ...(config.skipDiskCleanup ? [] : [{ name: 'clean disk', run: () => cleanDisk(context, target) }]),
    { name: 'prepare disk', run: () => prepareDisk(context, prepared) },
    { name: 'mark incomplete', run: () => writeRecord(context, target, { ...record, state: 'incomplete' }) },
    {
      name: 'set up stateroot',
      run: async () => {
        deployed = await setUpStateroot(context, target, image);
      },
    },
    { name: 'precache images', run: () => precacheImages(context, target, stateroot()) },
    { name: 'run post script', run: () => runPostScript(context, target) },
    { name: 'remove other deployments', run: () => removeOtherDeployments(context, target, stateroot()) },
    { name: 'mark complete', run: () => writeRecord(context, target, { ...record, state: 'complete' }) },
    { name: 'make bootable', run: () => makeBootable(context, prepared) },
  ];
  try {
    await runSteps(steps, context);
  } catch (error) {
    await releaseDisk(context, prepared).catch((second: Error) =>
      warn(logger, `clean-up: ${second.message}`),
    );
    throw error;
  }
  await releaseDisk(context, prepared);
  info(logger, `installed ${image}; the disk is ready to boot`);
  if (config.shutdown) await host.run(['shutdown', 'now']);
}

async function makeBootable({ host }: IbiContext, { target }: PreparedDisk): Promise<void> {
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

async function checkPostScript({ host, paths }: IbiContext): Promise<void> {
  const facts = await host.files.facts(paths.postScript);
  if (facts === undefined || (facts.mode & 0o111) !== 0) return;
  throw new Failure({
    code: 'ibi/post-script-not-executable',
    message: `${paths.postScript} has no execute permission`,
    hint: `run "chmod +x ${paths.postScript}" or remove it; the disk was not touched`,
  });
}

function missingStateroot(): never {
  throw new Error('a step ran before the stateroot was set up');
}
