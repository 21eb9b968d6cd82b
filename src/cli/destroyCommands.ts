import type { DestroyOptions } from '#installer/destroy/destroyCluster.ts';
import type { ActedOn } from './openshiftInstallCommands.ts';

/** `destroy cluster`. */
export const destroyClusterCommand = async (directory: ActedOn): Promise<void> => {
  const { destroyCluster } = await import('#installer/destroy/destroyCluster.ts');
  await destroyCluster(await optionsFor(directory));
};

/** `destroy bootstrap`. */
export const destroyBootstrapCommand = async (directory: ActedOn): Promise<void> => {
  const { destroyBootstrap } = await import('#installer/destroy/destroyCluster.ts');
  await destroyBootstrap(await optionsFor(directory));
};

async function optionsFor(directory: ActedOn): Promise<DestroyOptions> {
  const { localHost } = await import('#system/localHost.ts');
  return { ...directory, host: localHost };
}
