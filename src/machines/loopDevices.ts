import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { waitUntil } from './waiting.ts';

/** A loop device in use. */
export interface LoopDevice {
  /** For example `/dev/loop3`. */
  readonly device: string;
  /** As the kernel names it now; a mount point that is gone may be missing at its start. */
  readonly backingFile: string;
}

/** Attaches a whole file (or another block device) and gives the device, for example `/dev/loop3`. */
export async function attachLoopDevice(
  host: Host,
  file: string,
  options: { readonly readOnly?: boolean } = {},
): Promise<string> {
  const readOnly = options.readOnly ? ['--read-only'] : [];
  return (await host.run(['losetup', '--find', '--show', ...readOnly, file])).stdout.trim();
}

export async function listLoopDevices(host: Host): Promise<LoopDevice[]> {
  const names = (await host.files.list('/sys/block')).filter((name) => /^loop\d+$/.test(name));
  const devices = await Promise.all(
    names.map(async (name) => {
      const backingFile = await readBackingFile(host, `/dev/${name}`);
      return backingFile === undefined ? [] : [{ device: `/dev/${name}`, backingFile }];
    }),
  );
  return devices.flat();
}

/**
 * The devices that stand on what `isOurs` accepts, and those that stand on one of these in turn (an installer that
 * is given a loop device as its disk attaches the partitions of it). What stands on top comes first.
 */
export function devicesOn(
  devices: readonly LoopDevice[],
  isOurs: (backingFile: string) => boolean,
): LoopDevice[] {
  const found = devices.filter((d) => isOurs(d.backingFile.replace(/ \(deleted\)$/, '')));
  for (let i = 0; i < found.length; i++) {
    const name = found[i]?.device.replace('/dev/', '') ?? '';
    const above = devices.filter((d) => basename(d.backingFile) === name && !found.includes(d));
    found.push(...above);
  }
  return found.reverse();
}

/** Failure `machines/device-busy` when one is still in use after a while. */
export async function detachLoopDevices(host: Host, devices: readonly LoopDevice[]): Promise<void> {
  for (const { device, backingFile } of devices) {
    await host.run(['losetup', '--detach', device], { okCodes: [0, 1] });
    // The kernel puts off the end of a device that is still open or mounted somewhere.
    const gone = async (): Promise<boolean> => (await readBackingFile(host, device)) !== backingFile;
    if (await waitUntil(gone, { timeoutSeconds: 15 })) continue;
    throw new Failure({
      code: 'machines/device-busy',
      message: `${device} (${backingFile}) is still in use`,
      hint: `find its users with "fuser -v ${device}" and "grep ${device} /proc/*/mountinfo", then run the command again`,
    });
  }
}

export async function detachDevicesOf(host: Host, isOurs: (backingFile: string) => boolean): Promise<void> {
  await detachLoopDevices(host, devicesOn(await listLoopDevices(host), isOurs));
}

async function readBackingFile(host: Host, device: string): Promise<string | undefined> {
  const path = `/sys/block/${basename(device)}/loop/backing_file`;
  try {
    return (await host.files.readText(path)).trimEnd();
  } catch (error) {
    if (error instanceof Failure) return undefined; // not attached, or detached between open and read
    throw error;
  }
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, '');
