import { pipeline } from 'node:stream/promises';
import { staterootOf } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { openUnpacker } from '#system/archives.ts';
import { localLayout } from '#system/localLayout.ts';
import { deploymentDirectory, deploymentName, ostree } from '#system/ostree.ts';
import { registry } from '#system/registry.ts';
import { type IbiContext, registryAccess } from './context.ts';
import { planKernelArguments } from './kernelArguments.ts';
import { resetMachineIdentity } from './machineIdentity.ts';
import { readSeedContent, type SeedContent } from './seedContent.ts';
import type { Target } from './target.ts';

/** The deployed stateroot. */
export interface Stateroot {
  readonly osname: string;
  /** `<sysroot>/ostree/deploy/<osname>`; its `var` is the system's /var. */
  readonly directory: string;
  readonly deployment: string;
  readonly seed: SeedContent;
}

/**
 * Pulls the seed image once, onto the target disk, and makes a stateroot of it: OSTree content and var while the
 * layer streams by, then deployment, origin, etc, deletions (lifecycle-agent 9.6). `image` is pinned by its digest.
 */
export async function setUpStateroot(context: IbiContext, target: Target, image: string): Promise<Stateroot> {
  const { host, config, logger } = context;
  const { files } = host;
  const sysroot = ostree(host, target.rootMount);
  const osname = staterootOf(config.seedVersion);
  const directory = `${target.rootMount}/ostree/deploy/${osname}`;
  const work = workspaceOf(target);
  await files.makeDirectory(`${work}/repo`, 0o700);
  // One sync at the end instead of one per object; nothing boots from this disk before that.
  await sysroot.setOption('core.fsync', 'false');
  await sysroot.osInit(osname);
  info(logger, `pulling seed image ${image}`);
  await registry(host, await registryAccess(context)).copyToLayout(image, `${work}/seed`);
  const unpacker = await openUnpacker(host, work);
  info(logger, 'unpacking the seed image');
  const seed = await readSeedContent(localLayout(`${work}/seed`), {
    ostree: (archive) => unpacker.unpack(archive, `${work}/repo`),
    var: (archive) => unpacker.unpack(archive, directory),
    etc: (archive) => pipeline(archive, files.writeStream(`${work}/etc.tgz`, { mode: 0o600 })),
  });
  await files.remove(`${work}/seed`);
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
  await files.remove(work);
  return { osname, directory, deployment, seed };
}

/** On the target's root: memory of the live system stays free, and pull-local makes hard links. */
const workspaceOf = (target: Target): string => `${target.rootMount}/ostree/lca-ibi`;

async function findDeployment({ host }: IbiContext, target: Target, osname: string): Promise<string> {
  const deployed = (await ostree(host, target.rootMount).status()).filter((d) => d.osname === osname);
  if (deployed.length === 1) return deploymentDirectory(target.rootMount, deployed[0]!);
  throw new Failure({
    code: 'ibi/deployment-not-found',
    message: `stateroot ${osname} has ${deployed.length} deployments instead of one: ${deployed.map(deploymentName).join(', ')}`,
    hint: 'install to a clean disk (skipDiskCleanup: false)',
  });
}
