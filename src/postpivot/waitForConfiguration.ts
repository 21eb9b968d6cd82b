import { info } from '#base/logger.ts';
import { type ConfigurationTree, readConfigurationTree } from './configurationTree.ts';
import { findConfigurationVolume, readConfigurationVolume, VOLUME_LABELS } from './configurationVolume.ts';
import { CONFIGURATION, WORK_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';

export interface FoundConfiguration {
  readonly tree: ConfigurationTree;
  /** False: it still is on its volume only. */
  readonly isInstalled: boolean;
}

/**
 * The configuration in place from an earlier attempt, or else that of the first volume that shows up. Waits without
 * limit, as a host may stand in a depot for months (lifecycle-agent 11.1, step 1), and says so once.
 */
export async function waitForConfiguration(world: PostPivotWorld): Promise<FoundConfiguration> {
  const { files } = world.host;
  if (await files.exists(`${WORK_DIRECTORY}/${CONFIGURATION}`)) {
    info(world.logger, `configuration found in ${WORK_DIRECTORY}`);
    return { tree: await readConfigurationTree(files, WORK_DIRECTORY), isInstalled: true };
  }
  info(world.logger, `waiting for a block device labelled ${VOLUME_LABELS.join(' or ')}`);
  for (;;) {
    const device = await findConfigurationVolume(files);
    if (device !== undefined) {
      info(world.logger, `configuration volume found: ${device}`);
      return { tree: await readConfigurationVolume(files, device), isInstalled: false };
    }
    await world.sleep(1);
  }
}
