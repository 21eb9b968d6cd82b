import { Failure } from '#base/failure.ts';
import { type ByteSource, findIsoVolumeId, readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import type { Files } from '#system/host.ts';
import type { ConfigurationTree } from './configurationTree.ts';

/** Labels of a configuration volume, today's and the old one (lifecycle-agent 10.1). */
export const VOLUME_LABELS = ['cluster-config', 'relocation-config'];

/** A configuration is a few files of text; more than this is some other disc. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/**
 * The first whole block device that carries a configuration volume, or undefined. The volume descriptor itself is read:
 * a host in a container has no udev data, and lsblk then shows no label (additions.md). Devices that can't be read
 * (an empty drive) are passed over; `onOther` is told of every ISO volume with another label on the way.
 */
export async function findConfigurationVolume(
  files: Files,
  onOther?: (device: string, label: string) => void,
): Promise<string | undefined> {
  if (!(await files.exists('/sys/block'))) return undefined;
  for (const name of await files.list('/sys/block')) {
    const device = `/dev/${name.replaceAll('!', '/')}`;
    if ((await files.facts(device)) === undefined) continue;
    const label = await findIsoVolumeId(sourceOf(files, device)).catch(() => undefined);
    if (label === undefined) continue;
    if (VOLUME_LABELS.includes(label)) return device;
    onOther?.(device, label);
  }
  return undefined;
}

/**
 * All files of the volume, in memory: nothing on the host changes before they are known to be good.
 * Failures `postpivot/volume-unreadable` (taken out while it is read, or damaged) and `postpivot/volume-too-large`.
 */
export async function readConfigurationVolume(files: Files, device: string): Promise<ConfigurationTree> {
  try {
    return await readTree(files, device);
  } catch (cause) {
    if (cause instanceof Failure && cause.code === 'postpivot/volume-too-large') throw cause;
    throw new Failure({
      code: 'postpivot/volume-unreadable',
      message: `the configuration volume ${device} could not be read to its end`,
      hint: 'nothing on this host was changed; leave the ISO attached until the host is configured, or make it anew if it is damaged: it is read again',
      cause,
    });
  }
}

async function readTree(files: Files, device: string): Promise<ConfigurationTree> {
  const source = sourceOf(files, device);
  const { entries } = await readIso(source);
  const listed = entries.filter((entry) => entry.kind === 'file');
  const total = listed.reduce((sum, entry) => sum + entry.size, 0);
  if (total > LARGEST_BYTES) {
    throw new Failure({
      code: 'postpivot/volume-too-large',
      message: `the configuration volume ${device} holds ${total} bytes, more than ${LARGEST_BYTES}`,
      hint: 'attach the ISO that "openshift-install image-based create config-image" made',
    });
  }
  const tree = new Map<string, Buffer>();
  for (const entry of listed) tree.set(entry.path, await readIsoFile(source, entry));
  return tree;
}

const sourceOf = (files: Files, device: string): ByteSource => ({
  read: (offset, length) => files.readAt(device, offset, length),
});
