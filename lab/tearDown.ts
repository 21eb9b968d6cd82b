import { removeCgroup } from '#machines/cgroups.ts';
import { detachDevicesOf } from '#machines/loopDevices.ts';
import { releaseMounts } from '#machines/mounts.ts';
import { downNetwork } from '#machines/network.ts';
import { killAll } from '#machines/processes.ts';
import { removeContainerLeftovers } from '#machines/release.ts';
import { restoreInotifyLimit } from './inotifyLimit.ts';
import { findLabProcesses, ownsFile } from './inventory.ts';
import type { Lab } from './lab.ts';
import { checkFolderIsOurs, STATE_FILE } from './state.ts';

/**
 * Ends everything a lab has started and gives back everything it holds, also after a crash at any point: what there is
 * to end is found by names and paths, not taken from records. Machines are not shut down but ended at once; their disks
 * go with the lab's folder, unless it is kept. Can be repeated; a lab that is down is fine.
 * Failures `lab/foreign-folder` (nothing was touched), `machines/processes-remain`, `machines/mount-busy`, `machines/device-busy`.
 */
export async function tearDown(lab: Lab, options: { readonly keepFolder?: boolean } = {}): Promise<void> {
  const { host, site, folder } = lab;
  await checkFolderIsOurs(lab);
  await killAll(host, () => findLabProcesses(lab));
  await releaseMounts(host, folder);
  await detachDevicesOf(host, await ownsFile(lab));
  await downNetwork(host, site);
  await removeCgroup(host, site.cgroup);
  await removeContainerLeftovers(host, site);
  await restoreInotifyLimit(lab);
  if (!options.keepFolder) await removeFolder(lab);
}

/** The state goes last: it is what tells a second try that the rest is ours. */
async function removeFolder({ host, folder }: Lab): Promise<void> {
  if (!(await host.files.exists(folder))) return;
  for (const name of await host.files.list(folder)) {
    if (name !== STATE_FILE) await host.files.remove(`${folder}/${name}`);
  }
  await host.files.remove(folder);
}
