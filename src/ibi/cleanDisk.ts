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

/**
 * Commands that take apart what stands on the disk, in order. Devices are compared whole: the original looks for the
 * given text in names, so that /dev/sda also hits /dev/sdaa and a by-id link hits nothing (lifecycle-agent 20, D10).
 */
export function planDiskCleanup(disk: BlockDevice, volumes: readonly PhysicalVolume[]): string[][] {
  const above = descendants(disk);
  const own = new Set([disk.path, ...above.map((d) => d.path)]);
  const ownVolumes = volumes.filter((volume) => own.has(volume.path));
  const groups = new Set(ownVolumes.map((volume) => volume.group).filter((group) => group !== ''));
  const mapped = above.filter((d) => ['lvm', 'crypt', 'dm', 'mpath'].includes(d.type)).reverse();
  const isPool = (d: BlockDevice): boolean => /_t(data|meta)$/.test(d.path);
  const arrays = above.filter((d) => d.type.startsWith('raid'));
  const members = [disk, ...above].filter((d) => d.children.some((child) => child.type.startsWith('raid')));
  return dedupe([
    ...[...groups].map((group) => ['vgremove', '--force', '--force', '--yes', group]),
    ...ownVolumes.map((volume) => ['pvremove', '--force', '--force', '--yes', volume.path]),
    // Devices under a thin pool can only go after the pool.
    ...[...mapped.filter((d) => !isPool(d)), ...mapped.filter(isPool)].map((d) => [
      'dmsetup',
      'remove',
      '--retry',
      d.path,
    ]),
    ...arrays.map((d) => ['mdadm', '--stop', d.path]),
    ...members.map((d) => ['mdadm', '--zero-superblock', d.path]),
    ['wipefs', '--all', '--force', disk.path],
  ]);
}

function descendants(device: BlockDevice): BlockDevice[] {
  return device.children.flatMap((child) => [child, ...descendants(child)]);
}

/** A RAID array is a child of each of its members. */
const dedupe = (commands: string[][]): string[][] => [
  ...new Map(commands.map((argv) => [argv.join('\0'), argv])).values(),
];

/** Whatever can't be taken apart is told and left to the partitioning, which then fails, as in the original. */
export async function cleanDisk({ host, logger }: IbiContext, { disk }: Target): Promise<void> {
  for (const argv of planDiskCleanup(disk, await listPhysicalVolumes(host))) {
    if (!(await host.has(argv[0]!))) continue;
    await host.run(argv).catch((error: Error) => warn(logger, `disk clean-up: ${error.message}`));
  }
}

async function listPhysicalVolumes(host: Host): Promise<PhysicalVolume[]> {
  if (!(await host.has('pvs'))) return [];
  const argv = ['pvs', '--noheadings', '--separator=|', '--options=pv_name,vg_name'];
  const { stdout } = await host.run(argv, { okCodes: [0, 5] });
  return stdout.split('\n').flatMap((line) => {
    const [path = '', group = ''] = line.trim().split('|');
    return path === '' ? [] : [{ path, group }];
  });
}
