import { findGrub, installBootLoader } from '#ibi/bootLoader.ts';
import { createEmptyDisk, formatDisk, mountDisk, unmountDisk } from '#machines/disk.ts';
import { rhcosPartitions } from '#machines/diskLayout.ts';
import { deploymentDirectory, ostree } from '#system/ostree.ts';
import type { LabProducts } from './build/all.ts';
import type { Lab } from './lab.ts';
import type { AssetTree } from './seedCluster/assets.ts';
import { installAssets } from './seedCluster/install.ts';

const GIB = 1024 ** 3;
/** Sparse: what is used of it is the operating system and the images of one cluster, about 3 GB. */
export const DISK_BYTES = 16 * GIB;
const ROOT_MIB = 8 * 1024;

/** The seed's stateroot; without a dash, as the original splits deployment ids at it (spec/additions 4). */
const STATEROOT = 'seed';

/**
 * Where the kernel finds its root, and control groups of version 1, which Kubernetes 1.20 was made for.
 * They matter when the disk boots by itself; under systemd-nspawn they are only read.
 */
const KERNEL_ARGUMENTS = [
  'root=LABEL=root',
  'rw',
  'console=ttyS0',
  'systemd.unified_cgroup_hierarchy=0',
  'systemd.legacy_systemd_cgroup_controller=1',
];

/** Writes a disk that boots the lab's operating system with the given files in its /etc and /var. */
export async function makeSeedDisk(
  lab: Lab,
  products: LabProducts,
  file: string,
  assets: AssetTree,
): Promise<void> {
  const { host } = lab;
  const folder = `${lab.folder}/work/seed-disk`;
  await createEmptyDisk(host, file, DISK_BYTES);
  await formatDisk(host, file, rhcosPartitions(ROOT_MIB));
  try {
    const { sysroot } = await mountDisk(host, file, folder);
    await deployOperatingSystem(lab, products, sysroot);
    await installGrub(lab, file, sysroot);
    const [deployment] = await ostree(host, sysroot).status();
    if (deployment === undefined) throw new Error(`ostree deployed nothing to ${sysroot}`);
    await installAssets(host, assets, {
      etc: `${deploymentDirectory(sysroot, deployment)}/etc`,
      var: `${sysroot}/ostree/deploy/${STATEROOT}/var`,
    });
  } finally {
    await unmountDisk(host, file, folder);
    await host.files.remove(folder);
  }
}

async function deployOperatingSystem(lab: Lab, products: LabProducts, sysroot: string): Promise<void> {
  const target = ostree(lab.host, sysroot);
  await target.initFileSystem();
  await target.setOption('sysroot.bootloader', 'none');
  await target.setOption('sysroot.readonly', 'true');
  await target.setOption('core.fsync', 'false'); // the disk is synced once, when it is unmounted
  await target.osInit(STATEROOT);
  await target.pullLocal(products.osRepo);
  await target.deploy({ osname: STATEROOT, ref: products.osRef, kernelArguments: KERNEL_ARGUMENTS });
}

/** A machine without GRUB's files can still run hosts under systemd-nspawn, which needs no boot loader. */
async function installGrub(lab: Lab, disk: string, sysroot: string): Promise<void> {
  const grub = await findGrub(lab.host);
  if (grub === undefined) return;
  const workDirectory = `${lab.folder}/work/grub`;
  await lab.host.files.makeDirectory(workDirectory);
  await installBootLoader(lab.host, { disk, bootDirectory: `${sysroot}/boot`, workDirectory, grub });
  await lab.host.files.remove(workDirectory);
}
