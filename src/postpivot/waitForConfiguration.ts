import { info, warn } from '#base/logger.ts';
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
 * limit, as a host may stand in a depot for months (lifecycle-agent 11.1, step 1); says so once, and names once each ISO that
 * has another label.
 */
export async function waitForConfiguration(world: PostPivotWorld): Promise<FoundConfiguration> {
  const { files } = world.host;
  if (await files.exists(`${WORK_DIRECTORY}/${CONFIGURATION}`)) {
    info(world.logger, `configuration found in ${WORK_DIRECTORY}`);
    return { tree: await readConfigurationTree(files, WORK_DIRECTORY), isInstalled: true };
  }
  info(world.logger, `waiting for a block device labelled ${VOLUME_LABELS.join(' or ')}`);
  const named = new Set<string>();
  const nameOnce = (device: string, label: string): void => {
    if (named.has(device + label)) return;
    named.add(device + label);
    const why = `its label is "${label}" instead of ${VOLUME_LABELS[0]}`;
    warn(
      world.logger,
      `${device} is not a configuration volume: ${why}; make it with "openshift-install image-based create config-image"`,
    );
  };
  for (;;) {
    const device = await findConfigurationVolume(files, nameOnce);
    if (device !== undefined) {
      info(world.logger, `configuration volume found: ${device}`);
      return { tree: await readConfigurationVolume(files, device), isInstalled: false };
    }
    await world.sleep(1);
  }
}
