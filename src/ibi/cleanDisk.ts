import { warn } from '#base/logger.ts';
import type { BlockDevice } from '#system/disk.ts';
import type { Host } from '#system/host.ts';
import type { IbiContext } from './context.ts';
import type { Target } from './target.ts';

/** A physical volume and its group, `''` for one without. */
export interface PhysicalVolume {
  readonly path: string;
  readonly group: string;
}

const MAPPED = ['lvm', 'crypt', 'dm', 'mpath'];

/**
 * Commands that take apart what stands on the disk, in order. Devices are compared whole: the original looks for the
 * given text in names, so that /dev/sda also hits /dev/sdaa and a by-id link hits nothing (lifecycle-agent 20, D10).
 * Of a volume group or an array that other disks belong to as well, only this disk's part is destroyed.
 */
export function planDiskCleanup(disk: BlockDevice, volumes: readonly PhysicalVolume[]): string[][] {
  const above = descendants(disk);
  const own = new Set([disk.path, ...above.map((d) => d.path)]);
  const mapped = above.filter((d) => MAPPED.includes(d.type)).reverse();
  const isPool = (d: BlockDevice): boolean => /_t(data|meta)$/.test(d.path);
  const raids = above.filter((d) => d.type.startsWith('raid')).reverse();
  const arrays = [...new Set(raids.map((d) => d.path))]; // each is a child of every member
  const membersOf = (array: string): BlockDevice[] =>
    [disk, ...above].filter((d) => d.children.some((child) => child.path === array));
  const partitions = disk.children.filter((d) => d.type === 'part').reverse();
  return dedupe([
    ...planVolumes(own, volumes),
    // Devices under a thin pool can only go after the pool.
    ...[...mapped.filter((d) => !isPool(d)), ...mapped.filter(isPool)].map((d) => [
      ...['dmsetup', 'remove', '--retry'],
      d.path,
    ]),
    ...arrays.flatMap((array) => [
      ['mdadm', '--stop', array],
      ...membersOf(array).map((d) => ['mdadm', '--zero-superblock', d.path]),
    ]),
    // Members of arrays and groups that are not assembled would come back where a new partition begins at the same place.
    ...partitions.map((d) => ['wipefs', '--all', '--force', d.path]),
    ['wipefs', '--all', '--force', disk.path],
  ]);
}

function planVolumes(own: ReadonlySet<string>, volumes: readonly PhysicalVolume[]): string[][] {
  const ours = volumes.filter((volume) => own.has(volume.path));
  const groups = [...new Set(ours.map((volume) => volume.group).filter((group) => group !== ''))];
  const isShared = (group: string): boolean =>
    volumes.some((volume) => volume.group === group && !own.has(volume.path));
  return [
    ...groups.map((group) =>
      isShared(group)
        ? ['vgchange', '--activate', 'n', group]
        : ['vgremove', '--force', '--force', '--yes', group],
    ),
    ...ours.map((volume) => ['pvremove', '--force', '--force', '--yes', volume.path]),
  ];
}

function descendants(device: BlockDevice): BlockDevice[] {
  return device.children.flatMap((child) => [child, ...descendants(child)]);
}

/** What stands on an array is listed once for each of its members. */
const dedupe = (commands: string[][]): string[][] => [
  ...new Map(commands.map((argv) => [argv.join('\0'), argv])).values(),
];

/** Whatever can't be taken apart is told and left to the partitioning, which then fails, as in the original. */
export async function cleanDisk({ host, logger }: IbiContext, { disk }: Target): Promise<void> {
  for (const argv of planDiskCleanup(disk, await listPhysicalVolumes(host))) {
    if (!(await host.has(argv[0]!))) continue;
    // What stood on a volume group went with it.
    if (argv[0] === 'dmsetup' && !(await host.files.exists(argv.at(-1)!))) continue;
    await host.run(argv).catch((error: Error) => warn(logger, `disk clean-up: ${error.message}`));
  }
}

/** Every physical volume that LVM knows; none where LVM is not installed. */
export async function listPhysicalVolumes(host: Host): Promise<PhysicalVolume[]> {
  if (!(await host.has('pvs'))) return [];
  const argv = ['pvs', '--noheadings', '--separator=|', '--options=pv_name,vg_name'];
  const { stdout } = await host.run(argv, { okCodes: [0, 5] });
  const found: PhysicalVolume[] = [];
  for (const line of stdout.split('\n')) {
    const [path = '', group = ''] = line.trim().split('|');
    if (path === '') continue;
    // LVM may know a device by one of its links, lsblk by its own name.
    const { stdout: real } = await host.run(['realpath', path], { okCodes: [0, 1] });
    found.push({ path: real.trim() || path, group });
  }
  return found;
}
