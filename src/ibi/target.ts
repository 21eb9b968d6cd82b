import { Failure } from '#base/failure.ts';
import type { ContainerStorePlace } from '#system/containerStorePlace.ts';
import { type BlockDevice, detachLoop, findBlockDevice, findLoopsOn, sectorSize } from '#system/disk.ts';
import type { Host } from '#system/host.ts';
import { listMountPoints, type MountPoint, unmountBelow } from '#system/mounts.ts';
import { findGrub } from './bootLoader.ts';
import type { IbiContext } from './context.ts';
import { planPartitions } from './diskLayout.ts';

/** The disk and how this machine installs to it. */
export interface Target {
  readonly disk: BlockDevice;
  readonly sectorSize: number;
  /** How the disk gets its partitions: as the original does, or by our own layout with this GRUB. */
  readonly method:
    | { readonly kind: 'coreos-installer' }
    | { readonly kind: 'own-layout'; readonly grub: string };
  /** Where the target's root is mounted, with its boot partition at `boot` below. */
  readonly rootMount: string;
  readonly containersMount: string;
}

/** Programs that every installation needs; the file system makers are only needed for partitions we make. */
const PROGRAMS = ['ostree', 'tar', 'sfdisk', 'wipefs', 'lsblk', 'losetup', 'mount', 'mkfs.xfs', 'dd'];
const OWN_LAYOUT_PROGRAMS = ['mkfs.ext4'];
/** For precaching. */
const STORE_PROGRAMS = { podman: ['podman'], containerd: ['containerd', 'ctr', 'setpriv'] };

/** What decides whether the machine will do. */
export interface TargetNeeds {
  /** Compressed, of the seed image. */
  readonly seedBytes: number;
  readonly store: ContainerStorePlace | undefined;
  /** Nothing may be changed, not even what a killed run has left. */
  readonly isDryRun: boolean;
}

/**
 * Looks at the disk and the programs of this machine and changes nothing but what a killed run has left mounted.
 * Failures `ibi/disk-...` and `ibi/program-missing`.
 */
export async function gatherTarget(context: IbiContext, needs: TargetNeeds): Promise<Target> {
  const { host, config } = context;
  const disk = await findBlockDevice(host, config.installationDisk);
  if (disk === undefined) {
    throw diskFailure(
      'missing',
      `installationDisk: ${config.installationDisk} is not a block device of this machine`,
    );
  }
  const method = await chooseMethod(host);
  await requirePrograms(host, [
    ...PROGRAMS,
    ...(method.kind === 'own-layout' ? OWN_LAYOUT_PROGRAMS : []),
    ...(needs.store === undefined || config.precacheDisabled ? [] : STORE_PROGRAMS[needs.store.kind]),
  ]);
  const target: Target = {
    disk,
    sectorSize: await sectorSize(host, disk.path),
    method,
    ...mountPoints(disk, method.kind),
  };
  if (!needs.isDryRun) await clearLeftovers(host, target);
  await checkUnused(host, target);
  planPartitions(config, { sizeBytes: disk.sizeBytes, sectorSize: target.sectorSize }, needs.seedBytes);
  return target;
}

async function chooseMethod(host: Host): Promise<Target['method']> {
  if (await host.has('coreos-installer')) return { kind: 'coreos-installer' };
  const grub = await findGrub(host);
  if (grub !== undefined) return { kind: 'own-layout', grub };
  throw missing('coreos-installer (or grub-mkimage with GRUB for BIOS machines)');
}

async function requirePrograms(host: Host, programs: readonly string[]): Promise<void> {
  const absent = [];
  for (const program of programs) if (!(await host.has(program))) absent.push(program);
  if (absent.length > 0) throw missing(absent.join(', '));
}

/** A live system has these to itself; elsewhere several disks may be installed side by side. */
function mountPoints(disk: BlockDevice, method: Target['method']['kind']) {
  if (method === 'coreos-installer') return { rootMount: '/mnt', containersMount: '/var/lib/containers' };
  const base = `/run/lca-ibi/${disk.path.split('/').at(-1)}`;
  return { rootMount: `${base}/root`, containersMount: `${base}/containers` };
}

/** What a killed run has left mounted and attached would make the disk look used. */
async function clearLeftovers(host: Host, { disk, rootMount, containersMount }: Target): Promise<void> {
  const loops = await findLoopsOn(host, disk.path);
  const numbers = new Set(devicesOf(disk).map((d) => d.device));
  const isOnDisk = (m: MountPoint): boolean => numbers.has(m.device) || loops.includes(m.source);
  const isOurs = (m: MountPoint): boolean => m.target === rootMount || m.target === containersMount;
  const stale = (await listMountPoints(host)).filter((m) => isOnDisk(m) && isOurs(m)).map((m) => m.target);
  await unmountBelow(host, stale);
  for (const loop of loops) await detachLoop(host, loop);
}

async function checkUnused(host: Host, { disk, rootMount, containersMount }: Target): Promise<void> {
  if (!['disk', 'loop', 'mpath', 'raid0', 'raid1'].includes(disk.type)) {
    throw diskFailure(
      'not-whole',
      `installationDisk: ${disk.path} is not a whole disk but of type ${disk.type}`,
    );
  }
  if (disk.readOnly) throw diskFailure('read-only', `installationDisk: ${disk.path} is read-only`);
  const devices = devicesOf(disk);
  const numbers = new Set(devices.map((d) => d.device));
  const own = [rootMount, `${rootMount}/boot`, containersMount]; // a killed run's, which a dry run leaves alone
  const mounted = (await listMountPoints(host)).filter((m) => numbers.has(m.device)).map((m) => m.target);
  const used = [...mounted, ...devices.flatMap((d) => d.mountPoints)].find((at) => !own.includes(at));
  if (used !== undefined) {
    throw diskFailure('in-use', `installationDisk: ${disk.path} is in use, it is mounted at ${used}`);
  }
}

/** The device and all that stands on it. */
const devicesOf = (device: BlockDevice): BlockDevice[] => [device, ...device.children.flatMap(devicesOf)];

const missing = (programs: string): Failure =>
  new Failure({
    code: 'ibi/program-missing',
    message: `this machine lacks ${programs}`,
    hint: 'install the missing programs, or run this in the live system of an installation ISO; the disk was not touched',
  });

const diskFailure = (what: string, message: string): Failure =>
  new Failure({
    code: `ibi/disk-${what}`,
    message,
    hint: 'name an unused whole disk, for example by its link in /dev/disk/by-id; nothing was changed',
  });
