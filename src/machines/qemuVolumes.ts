import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { VOLUME_BUS } from './qemuCommand.ts';
import { waitFor, waitUntil } from './waiting.ts';

/** What the guest needs to notice a device, or to let go of one. */
const PATIENCE_SECONDS = 60;

/** A running virtual machine, as far as its volumes are concerned. */
export interface GuestVolumes {
  readonly name: string;
  /** Inside. */
  readonly host: Pick<Host, 'run'>;
  /** A command to QEMU. */
  control(execute: string, words: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Attaches a file as a disc (read-only) or disk on the SCSI bus, and gives the device that was not there before. */
export async function plugVolume(guest: GuestVolumes, file: string, readOnly: boolean): Promise<string> {
  const before = await blockDevices(guest);
  const target = await freeTarget(guest);
  const id = volumeId(target);
  await guest.control('blockdev-add', {
    driver: 'raw',
    'node-name': id,
    'read-only': readOnly,
    file: { driver: 'file', filename: file, 'read-only': readOnly },
  });
  await guest.control('device_add', {
    driver: readOnly ? 'scsi-cd' : 'scsi-hd',
    id,
    drive: id,
    bus: VOLUME_BUS,
    'scsi-id': target,
  });
  const device = await waitFor(
    async () => (await blockDevices(guest)).find((name) => !before.includes(name)),
    { timeoutSeconds: PATIENCE_SECONDS },
  );
  if (device !== undefined) return `/dev/${device}`;
  throw new Failure({
    code: 'machines/volume-unseen',
    message: `machine ${guest.name} does not see ${file}, which was attached to it`,
    hint: 'read its console',
  });
}

/** Takes a volume away; `device` as `plugVolume` gave it. Failure `machines/device-busy`. */
export async function unplugVolume(guest: GuestVolumes, device: string): Promise<void> {
  const link = `/sys/block/${device.replace('/dev/', '')}/device`;
  const id = volumeId(targetOf((await guest.host.run(['readlink', link])).stdout));
  await guest.control('device_del', { id });
  const gone = await waitUntil(() => isRemoved(guest, id), {
    timeoutSeconds: PATIENCE_SECONDS,
    everySeconds: 0.2,
  });
  if (gone) return;
  throw new Failure({
    code: 'machines/device-busy',
    message: `${device} of ${guest.name} is still in use`,
    hint: 'unmount it inside, then try again',
  });
}

/** QEMU refuses as long as the guest holds the device. */
async function isRemoved(guest: GuestVolumes, id: string): Promise<boolean> {
  try {
    await guest.control('blockdev-del', { 'node-name': id });
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'system/qemu-refused') return false;
    throw error;
  }
}

async function blockDevices({ host }: GuestVolumes): Promise<string[]> {
  return (await host.run(['ls', '/sys/block'])).stdout.split('\n').filter((name) => name !== '');
}

const volumeId = (target: number): string => `volume-${target}`;

/** The number that the guest knows a device of the bus by, from a name `host:channel:target:unit`. */
const targetOf = (name: string): number => Number(/\d+:\d+:(\d+):\d+\s*$/.exec(name)?.[1]);

async function freeTarget({ host }: GuestVolumes): Promise<number> {
  const { stdout } = await host.run(['ls', '/sys/bus/scsi/devices']);
  const taken = stdout.split('\n').map(targetOf).filter(Number.isInteger);
  return Math.max(0, ...taken) + 1;
}
