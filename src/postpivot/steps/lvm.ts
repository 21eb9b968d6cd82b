import { note } from '../note.ts';
import { LVM_DEVICES } from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import type { Configuration } from '../validate.ts';

/** Makes volumes of local storage visible under the device names of this host (lifecycle-agent 11.1, step 23). */
export async function activateLvm(world: PostPivotWorld, { tree }: Configuration): Promise<void> {
  if (!(await world.host.has('pvscan'))) return note(world, 'LVM is not installed: no volumes are activated');
  const devices = tree.get(LVM_DEVICES);
  if (devices !== undefined) {
    await world.host.files.makeDirectory('/etc/lvm/devices');
    await world.host.files.write('/etc/lvm/devices/system.devices', devices, { mode: 0o600 });
  }
  await world.host.run(['pvscan', '--cache', '--activate', 'ay']);
}
