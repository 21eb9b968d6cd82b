import { renderElapsed } from '#base/elapsed.ts';
import { info } from '#base/logger.ts';
import type { DestroyOptions } from '#installer/destroy/destroyCluster.ts';
import type { ActedOn } from './installerCommand.ts';

/** `destroy cluster`. */
export async function destroyClusterCommand(directory: ActedOn): Promise<void> {
  const start = directory.io.now();
  const { destroyCluster } = await import('#installer/destroy/destroyCluster.ts');
  await destroyCluster(await optionsFor(directory));
  info(directory.logger, `Time elapsed: ${renderElapsed(directory.io.now().getTime() - start.getTime())}`);
}

/** `destroy bootstrap`. */
export async function destroyBootstrapCommand(directory: ActedOn): Promise<void> {
  const { destroyBootstrap } = await import('#installer/destroy/destroyCluster.ts');
  await destroyBootstrap(await optionsFor(directory));
}

async function optionsFor({ dir, root, logger }: ActedOn): Promise<DestroyOptions> {
  const { localHost } = await import('#system/localHost.ts');
  return { dir, root, logger, host: localHost };
}
