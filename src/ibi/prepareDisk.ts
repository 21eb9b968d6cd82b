import { warn } from '#base/logger.ts';
import { hasSelinux } from '#system/archives.ts';
import {
  makeFileSystem,
  type OpenPartition,
  openPartition,
  readPartitionTable,
  runSfdisk,
} from '#system/disk.ts';
import { listMountPoints, mount, unmountBelow } from '#system/mounts.ts';
import { ostree } from '#system/ostree.ts';
import type { IbiContext } from './context.ts';
import { planExtraStart, planPartitions, renderSfdiskScript } from './diskLayout.ts';
import type { Target } from './target.ts';

/** Everything of the target that is open; `close` unmounts and detaches in reverse order. */
export interface PreparedDisk {
  readonly target: Target;
  readonly partitions: NamedPartition[];
}

interface NamedPartition extends OpenPartition {
  /** In the GPT. */
  readonly name: string;
}

/**
 * Partitions the disk, makes the file systems and mounts them: root and boot at `rootMount`, the container storage at
 * `containersMount`. What was opened is entered in `prepared` at once, so that a failure half-way can be undone.
 */
export async function prepareDisk(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  if (prepared.target.method.kind === 'coreos-installer') await installCoreos(context, prepared);
  else await layOutDisk(context, prepared);
}

/** Mounts what an interrupted run of the same installation has prepared, each file system where it was. */
export async function reopenDisk(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const { host } = context;
  const { rootMount } = prepared.target;
  await mount(host, await open(context, prepared, 'root'), rootMount, ['noatime']);
  await mount(host, await open(context, prepared, 'boot'), `${rootMount}/boot`);
  await mountContainersStorage(context, prepared);
}

/** An empty container storage in place of one that may have lost what it was told to keep. */
export async function renewContainersStorage(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const { host, config } = context;
  const { containersMount, rootMount } = prepared.target;
  await unmountBelow(host, [containersMount]);
  if (config.useContainersFolder) {
    for (const name of await host.files.list(`${rootMount}/containers`)) {
      await host.files.remove(`${rootMount}/containers/${name}`);
    }
    await mountContainersStorage(context, prepared);
  } else {
    const at = prepared.partitions.findIndex((p) => p.name === config.extraPartitionLabel);
    for (const partition of at < 0 ? [] : prepared.partitions.splice(at, 1)) await partition.close();
    await makeContainersStorage(context, prepared);
  }
}

async function mountContainersStorage(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const { host, config } = context;
  const { rootMount, containersMount } = prepared.target;
  if (config.useContainersFolder) await mount(host, `${rootMount}/containers`, containersMount, ['bind']);
  else await mount(host, await open(context, prepared, config.extraPartitionLabel), containersMount);
}

/**
 * Unmounts and detaches; safe to call at any time. The file systems are made read-only first: a container that started
 * meanwhile on this machine may hold copies of the mounts, and then nothing it does can reach the disk any more.
 */
export async function releaseDisk(
  { host, logger }: IbiContext,
  { target, partitions }: PreparedDisk,
): Promise<void> {
  const { rootMount, containersMount } = target;
  const mounted = new Set((await listMountPoints(host)).map((m) => m.target));
  for (const at of [containersMount, `${rootMount}/boot`, rootMount].filter((m) => mounted.has(m))) {
    await host.run(['mount', '-o', 'remount,ro', at], { okCodes: [0, 1, 32] });
  }
  await unmountBelow(host, [containersMount, rootMount]);
  for (const closed of await Promise.allSettled(partitions.splice(0).map((p) => p.close()))) {
    if (closed.status === 'rejected') warn(logger, (closed.reason as Error).message);
  }
  if (target.method.kind !== 'own-layout') return;
  const base = rootMount.slice(0, rootMount.lastIndexOf('/'));
  // Not a recursive removal: what is still mounted somewhere must never be emptied.
  await host.run(['rmdir', rootMount, containersMount, base], { okCodes: [0, 1] });
}

async function open({ host }: IbiContext, prepared: PreparedDisk, name: string): Promise<string> {
  const partition = await openPartition(host, prepared.target.disk.path, name);
  prepared.partitions.push({ ...partition, name });
  return partition.device;
}

/** As the original does it (lifecycle-agent 9.2 to 9.5), the folder variant with its root grown and mounted (D3). */
async function installCoreos(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const { host, config } = context;
  const { disk, rootMount, containersMount } = prepared.target;
  await host.run(['coreos-installer', 'install', disk.path, ...config.coreosInstallerArgs]);
  if (!config.useContainersFolder) await appendContainersPartition(context, prepared.target);
  const root = await open(context, prepared, 'root');
  const { partitions } = await readPartitionTable(host, disk.path);
  const number = /\d+$/.exec(partitions.find((p) => p.name === 'root')?.node ?? '')?.[0] ?? '4';
  await host.run(['growpart', disk.path, number], { okCodes: [0, 1] }); // 1: nothing to grow
  await mount(host, root, rootMount);
  await mount(host, await open(context, prepared, 'boot'), `${rootMount}/boot`);
  await host.run(['xfs_growfs', rootMount]);
  if (config.useContainersFolder) {
    await host.run(['chattr', '-i', rootMount]);
    await host.files.makeDirectory(`${rootMount}/containers`);
    await host.run(['chattr', '+i', rootMount]);
    await mountContainersStorage(context, prepared);
  } else await makeContainersStorage(context, prepared);
  if (await hasSelinux(host)) await host.run(['restorecon', '-R', containersMount]);
}

async function appendContainersPartition({ host, config }: IbiContext, target: Target): Promise<void> {
  const size = { sizeBytes: target.disk.sizeBytes, sectorSize: target.sectorSize };
  const extra = { label: config.extraPartitionLabel, start: config.extraPartitionStart };
  const script = `start=${planExtraStart(extra, size)}, name="${extra.label}"\n`;
  await runSfdisk(host, target.disk.path, script, true);
}

async function makeContainersStorage(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const device = await open(context, prepared, context.config.extraPartitionLabel);
  await makeFileSystem(context.host, device, 'xfs');
  await mount(context.host, device, prepared.target.containersMount);
}

/** Our own layout with an empty OSTree sysroot: no operating system is written that would be thrown away again. */
async function layOutDisk(context: IbiContext, prepared: PreparedDisk): Promise<void> {
  const { host, config } = context;
  const { disk, sectorSize, rootMount } = prepared.target;
  const partitions = planPartitions(config, { sizeBytes: disk.sizeBytes, sectorSize }, 0);
  await runSfdisk(host, disk.path, renderSfdiskScript(partitions));
  const root = await open(context, prepared, 'root');
  const boot = await open(context, prepared, 'boot');
  await makeFileSystem(host, root, 'ext4', 'root');
  await makeFileSystem(host, boot, 'ext4', 'boot');
  await mount(host, root, rootMount, ['noatime']);
  await mount(host, boot, `${rootMount}/boot`);
  const sysroot = ostree(host, rootMount);
  await sysroot.initFileSystem();
  await sysroot.setOption('sysroot.bootloader', 'none'); // our grub.cfg reads the boot loader entries themselves
  await sysroot.setOption('sysroot.readonly', 'true');
  if (config.useContainersFolder) {
    await host.files.makeDirectory(`${rootMount}/containers`);
    await mountContainersStorage(context, prepared);
  } else await makeContainersStorage(context, prepared);
}
