import { pipeline } from 'node:stream/promises';
import { staterootOf } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { openUnpacker } from '#system/archives.ts';
import { localLayout } from '#system/localLayout.ts';
import { deploymentDirectory, deploymentName, ostree } from '#system/ostree.ts';
import type { IbiContext } from './context.ts';
import { planKernelArguments } from './kernelArguments.ts';
import { resetMachineIdentity } from './machineIdentity.ts';
import { progressLog } from './progress.ts';
import { keepSeedContent, readSeedContentOf, workspaceOf } from './resume.ts';
import { readSeedContent, type SeedContent } from './seedContent.ts';
import type { SeedSource } from './seedSource.ts';
import type { Target } from './target.ts';

/** The deployed stateroot. */
export interface Stateroot {
  readonly osname: string;
  /** `<sysroot>/ostree/deploy/<osname>`; its `var` is the system's /var. */
  readonly directory: string;
  readonly deployment: string;
  readonly seed: SeedContent;
}

/** Fetches the image onto the target disk, or what is missing of it there. */
export async function fetchSeed(context: IbiContext, target: Target, source: SeedSource): Promise<void> {
  const { logger } = context;
  info(logger, `pulling seed image ${source.pinned}`);
  const total = source.image.layerBytes;
  const report = progressLog(context, { what: 'seed image', unit: 'bytes', total });
  await source.fetch(`${workspaceOf(target)}/seed`, report);
}

/**
 * Makes a stateroot of the fetched image: OSTree content and var while the layer streams by, then deployment, origin,
 * etc, deletions (lifecycle-agent 9.6). `onImages` gets the image list as soon as it came by.
 */
export async function setUpStateroot(
  context: IbiContext,
  target: Target,
  onImages: (list: string) => void,
): Promise<Stateroot> {
  const { host, config } = context;
  const { files } = host;
  const sysroot = ostree(host, target.rootMount);
  const osname = staterootOf(config.seedVersion);
  const directory = directoryOf(target, osname);
  const work = workspaceOf(target);
  await files.makeDirectory(`${work}/repo`, 0o700);
  // One sync at the end instead of one per object; nothing boots from this disk before that.
  await sysroot.setOption('core.fsync', 'false');
  await sysroot.osInit(osname);
  const unpacker = await openUnpacker(host, work);
  info(context.logger, 'unpacking the seed image');
  const seed = await readSeedContent(localLayout(`${work}/seed`), {
    ostree: (archive) => unpacker.unpack(archive, `${work}/repo`),
    var: (archive) => unpacker.unpack(archive, directory),
    etc: (archive) => pipeline(archive, files.writeStream(`${work}/etc.tgz`, { mode: 0o600 })),
    images: onImages,
  });
  await sysroot.pullLocal(`${work}/repo`);
  const kernelArguments = planKernelArguments({
    machineConfig: seed.machineConfig,
    coreosInstallerArgs: config.coreosInstallerArgs,
    ownLayout: target.method.kind === 'own-layout',
  });
  await sysroot.deploy({ osname, ref: seed.deployment.checksum, kernelArguments });
  const deployment = await findDeployment(context, target, osname);
  await files.write(`${deployment}.origin`, seed.origin);
  await unpacker.unpack(files.readStream(`${work}/etc.tgz`), deployment);
  await unpacker.close();
  for (const path of seed.etcDeletions) await files.remove(`${deployment}${path}`);
  await resetMachineIdentity(context, { deployment, directory });
  await sysroot.unsetOption('core.fsync');
  await keepSeedContent(context, target, seed);
  await host.run(['sync', '-f', target.rootMount]);
  for (const path of [`${work}/repo`, `${work}/etc.tgz`, `${work}/seed`]) await files.remove(path);
  return { osname, directory, deployment, seed };
}

/** The stateroot that an earlier run has finished. */
export async function findStateroot(context: IbiContext, target: Target): Promise<Stateroot> {
  const osname = staterootOf(context.config.seedVersion);
  const deployment = await findDeployment(context, target, osname);
  const seed = await readSeedContentOf(context, target);
  return { osname, directory: directoryOf(target, osname), deployment, seed };
}

const directoryOf = (target: Target, osname: string): string => `${target.rootMount}/ostree/deploy/${osname}`;

async function findDeployment({ host }: IbiContext, target: Target, osname: string): Promise<string> {
  const deployed = (await ostree(host, target.rootMount).status()).filter((d) => d.osname === osname);
  if (deployed.length === 1) return deploymentDirectory(target.rootMount, deployed[0]!);
  throw new Failure({
    code: 'ibi/deployment-not-found',
    message: `stateroot ${osname} has ${deployed.length} deployments instead of one: ${deployed.map(deploymentName).join(', ')}`,
    hint: 'install to a clean disk (skipDiskCleanup: false)',
  });
}
