import { hasSelinux } from '#system/archives.ts';
import type { IbiContext } from './context.ts';

/**
 * Per-machine state that would make two clones of a seed look alike (the original carries all of it to every clone).
 * systemd, NetworkManager and D-Bus make these anew when they are absent.
 */
const PER_MACHINE = ['var/lib/systemd/random-seed', 'var/lib/NetworkManager/secret_key'];

/** D-Bus's own copy; a link to /etc/machine-id stays. */
const DBUS_MACHINE_ID = 'var/lib/dbus/machine-id';

export interface MachineIdentityPlaces {
  readonly deployment: string;
  /** The stateroot. */
  readonly directory: string;
}

/**
 * Gives the system a machine-id of its own. A value is written and not `uninitialized`: that would make systemd see a
 * first boot and apply its presets, which disable kubelet and our own units (lab-chain.md, pitfall 6).
 */
export async function resetMachineIdentity(
  context: IbiContext,
  places: MachineIdentityPlaces,
): Promise<void> {
  const { files } = context.host;
  const id = context.randomBytes(16);
  id[6] = (id[6]! & 0x0f) | 0x40; // a version 4 UUID, as systemd makes them
  id[8] = (id[8]! & 0x3f) | 0x80;
  const machineId = `${places.deployment}/etc/machine-id`;
  await files.write(machineId, `${id.toString('hex')}\n`, { mode: 0o444 });
  if (await hasSelinux(context.host)) {
    await context.host.run(['chcon', 'system_u:object_r:machineid_t:s0', machineId]);
  }
  const dbus = `${places.directory}/${DBUS_MACHINE_ID}`;
  if ((await files.facts(dbus))?.kind === 'file') await files.remove(dbus);
  for (const path of PER_MACHINE) await files.remove(`${places.directory}/${path}`);
}
