import type { Host } from '#system/host.ts';
import { cgroupProcesses, removeCgroup } from './cgroups.ts';
import { detachDevicesOf } from './loopDevices.ts';
import { releaseMounts } from './mounts.ts';
import { killAll } from './processes.ts';
import { containerName, containerNameEnd, machineCgroup, machineFolder, type Site } from './site.ts';

/** Where systemd-nspawn keeps a folder per container, which stays when it is killed. */
const NSPAWN_FOLDER = '/run/systemd/nspawn/propagate';

/**
 * Ends what is left of a container and gives back everything it holds: processes, mounts, loop devices, control
 * groups. Goes by names and paths alone, so it serves after a crash at any point; nothing left is fine.
 * @param files what was attached from outside the machine's folder
 */
export async function releaseContainer(
  host: Host,
  site: Site,
  name: string,
  files: readonly string[],
): Promise<void> {
  const cgroup = machineCgroup(site, name);
  const folder = machineFolder(site, name);
  await killAll(host, () => cgroupProcesses(host, cgroup));
  await releaseMounts(host, folder);
  await detachDevicesOf(host, (file) => file.startsWith(`${folder}/`) || files.includes(file));
  await removeCgroup(host, cgroup);
  await host.files.remove(`${NSPAWN_FOLDER}/${containerName(site, name)}`);
}

/** The same for all containers of a site. */
export async function removeContainerLeftovers(host: Host, site: Site): Promise<void> {
  if (!(await host.files.exists(NSPAWN_FOLDER))) return;
  for (const name of await host.files.list(NSPAWN_FOLDER)) {
    if (name.endsWith(containerNameEnd(site.name))) await host.files.remove(`${NSPAWN_FOLDER}/${name}`);
  }
}
