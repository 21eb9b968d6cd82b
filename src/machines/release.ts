import type { Host } from '#system/host.ts';
import { cgroupProcesses, removeCgroup } from './cgroups.ts';
import { detachDevicesOf } from './loopDevices.ts';
import { unmountBelow } from './mounts.ts';
import { killAll } from './processes.ts';
import { containerName, machineCgroup, machineFolder, type Site } from './site.ts';

const NSPAWN_LEFTOVERS = ['/run/systemd/nspawn/propagate', '/run/systemd/nspawn/unix-export'];

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
  await unmountBelow(host, folder);
  await detachDevicesOf(host, (file) => file.startsWith(`${folder}/`) || files.includes(file));
  await removeCgroup(host, cgroup);
  for (const parent of NSPAWN_LEFTOVERS) await host.files.remove(`${parent}/${containerName(site, name)}`);
}
