import { info, warn } from '#base/logger.ts';
import { type ConfigurationTree, readConfigurationTree } from './configurationTree.ts';
import { findConfigurationVolume, readConfigurationVolume, VOLUME_LABELS } from './configurationVolume.ts';
import { tellConsole } from './console.ts';
import { CONFIGURATION, WORK_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import { isRefused } from './refusals.ts';

export interface FoundConfiguration {
  readonly tree: ConfigurationTree;
  /** False: it still is on its volume only. */
  readonly isInstalled: boolean;
  /** By the monotonic clock, before it was read. */
  readonly seenAt: number;
}

/** A volume that was refused is read again to see whether it is another one. */
const REFUSED_SECONDS = 5;

/**
 * The configuration in place from an earlier attempt, or else that of the first volume that shows up. Waits without
 * limit, as a host may stand in a depot for months (lifecycle-agent 11.1, step 1); says so once, and names once each ISO that
 * has another label. One that was refused a short time ago is passed over.
 */
export async function waitForConfiguration(world: PostPivotWorld): Promise<FoundConfiguration> {
  const tellOnce = onceEach((text) => info(world.logger, text));
  const warnOnce = onceEach((text) => warn(world.logger, text));
  for (;;) {
    const found = (await findInPlace(world, tellOnce)) ?? (await findOnVolume(world, { tellOnce, warnOnce }));
    if (found !== undefined && !(await isRefused(world, found.tree))) return found;
    if (found === undefined) await tellConsole(world, WAITING);
    else tellOnce('it is the one that was refused (see above): waiting for a corrected one');
    await world.sleep(found === undefined ? 1 : REFUSED_SECONDS);
  }
}

const WAITING = [
  'This host waits for its configuration.',
  `Attach the ISO that "openshift-install image-based create config-image" makes (label ${VOLUME_LABELS[0]}).`,
];

type Tell = (text: string) => void;

async function findInPlace(world: PostPivotWorld, tellOnce: Tell): Promise<FoundConfiguration | undefined> {
  const { files } = world.host;
  if (!(await files.exists(`${WORK_DIRECTORY}/${CONFIGURATION}`))) return undefined;
  tellOnce(`configuration found in ${WORK_DIRECTORY}`);
  const seenAt = world.clock();
  return { tree: await readConfigurationTree(files, WORK_DIRECTORY), isInstalled: true, seenAt };
}

async function findOnVolume(
  world: PostPivotWorld,
  { tellOnce, warnOnce }: { readonly tellOnce: Tell; readonly warnOnce: Tell },
): Promise<FoundConfiguration | undefined> {
  const { files } = world.host;
  tellOnce(`waiting for a block device labelled ${VOLUME_LABELS.join(' or ')}`);
  const device = await findConfigurationVolume(files, (other, label) =>
    warnOnce(
      `${other} is not a configuration volume: its label is "${label}" instead of ${VOLUME_LABELS[0]}; make it with "openshift-install image-based create config-image"`,
    ),
  );
  if (device === undefined) return undefined;
  tellOnce(`configuration volume found: ${device}`);
  const seenAt = world.clock();
  return { tree: await readConfigurationVolume(files, device), isInstalled: false, seenAt };
}

function onceEach(tell: Tell): Tell {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
}
