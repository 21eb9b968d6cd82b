import { info } from '#base/logger.ts';
import type { DestroyOptions } from '#installer/destroy/destroyCluster.ts';
import type { ActedOn } from './installerCommand.ts';

/** `destroy cluster`. */
export async function destroyClusterCommand(directory: ActedOn): Promise<void> {
  const start = directory.io.now();
  const { destroyCluster } = await import('#installer/destroy/destroyCluster.ts');
  await destroyCluster(await optionsFor(directory));
  info(directory.logger, `Time elapsed: ${renderElapsed(start, directory.io.now())}`);
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

/** `1h2m3s`, leading zeros left out, as upstream's times are. */
export function renderElapsed(start: Date, end: Date): string {
  const seconds = Math.round((end.getTime() - start.getTime()) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const hourText = hours > 0 ? `${hours}h` : '';
  return `${hourText}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`;
}
