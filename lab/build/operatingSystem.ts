import { chmod, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { localHost } from '#system/localHost.ts';
import type { BuildPlace, Product, Recipe } from './cache.ts';
import { makeInitramfs } from './initramfs.ts';
import { KUBERNETES_VERSION } from './kubernetes.ts';
import { runLogged } from './loggedCommand.ts';
import { type OverlayFile, overlayDigest, readOverlay, writeOverlay } from './overlay.ts';
import { PACKAGES_TAR, SOURCE_DATE } from './packages.ts';
import { slimTree, UNUSED_MODULES, UNUSED_PATHS } from './slim.ts';

/** The branch of the commit, as `osRef` elsewhere. */
export const OS_REF = 'lab/x86_64/base';
/** The OSTree repository (mode bare) inside the product. */
export const OS_REPO = 'repo';

const NODE_PROGRAMS = ['kubelet', 'kubectl'] as const;

/** What the initramfs is made of: enough to find the root by label and let OSTree prepare the deployment. */
const INITRAMFS_MODULES = [
  ...['base', 'systemd', 'systemd-initrd', 'dracut-systemd', 'udev-rules', 'fs-lib', 'rootfs-block'],
  ...['kernel-modules', 'shutdown', 'ostree', 'qemu'],
];
const INITRAMFS_DRIVERS = [
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'ata_piix', 'ata_generic', 'sd_mod', 'sr_mod'],
  ...['ext4', 'xfs', 'overlay', 'loop'],
];

/** What belongs to the state, or to one boot, and not to the deployment, and where the links lead. */
const STATE_LINKS: Readonly<Record<string, string>> = {
  home: 'var/home',
  root: 'var/roothome',
  opt: 'var/opt',
  srv: 'var/srv',
  mnt: 'var/mnt',
  media: 'run/media',
  'usr/local': '../var/usrlocal',
  ostree: 'sysroot/ostree',
  'usr/etc/resolv.conf': '/run/resolv.conf',
};

export interface OperatingSystemParts {
  readonly packages: Product;
  readonly kubernetes: Product;
}

/** The lab's operating system as one bootable OSTree commit; the commit's id is the fact `commit`. */
export async function operatingSystemRecipe(parts: OperatingSystemParts): Promise<Recipe> {
  const overlay = await readOverlay();
  return {
    name: 'operating-system',
    revision: 3,
    inputs: {
      packages: parts.packages.digest,
      kubernetes: parts.kubernetes.digest,
      overlay: overlayDigest(overlay),
      unused: [...UNUSED_PATHS, ...UNUSED_MODULES],
      initramfs: [...INITRAMFS_MODULES, ...INITRAMFS_DRIVERS],
      ref: OS_REF,
    },
    build: (place) => build(place, parts, overlay),
  };
}

async function build(
  place: BuildPlace,
  parts: OperatingSystemParts,
  overlay: readonly OverlayFile[],
): Promise<Record<string, string>> {
  const tree = join(place.scratch, 'tree');
  await place.stage('unpack', () => unpack(place, parts, tree));
  await writeOverlay(overlay, tree);
  const kernelVersion = await kernelVersionOf(tree);
  await place.stage('configure', () => configure(place, tree));
  await place.stage('slim', () => slimTree(tree, kernelVersion));
  const modules = join('usr/lib/modules', kernelVersion);
  await place.stage('initramfs', () =>
    makeInitramfs(place.log, tree, {
      kernelVersion,
      modules: INITRAMFS_MODULES,
      drivers: INITRAMFS_DRIVERS,
      file: join('/', modules, 'initramfs.img'),
    }),
  );
  await rename(join(tree, 'boot', `vmlinuz-${kernelVersion}`), join(tree, modules, 'vmlinuz'));
  await forgetIdentity(tree);
  await shapeForOstree(tree);
  const commit = await place.stage('commit', () => commitTree(place, tree));
  return { commit, kernel: kernelVersion };
}

async function unpack(place: BuildPlace, parts: OperatingSystemParts, tree: string): Promise<void> {
  await mkdir(tree);
  const archive = join(parts.packages.path, PACKAGES_TAR);
  await runLogged(place.log, ['tar', '-C', tree, '-xpf', archive, '--numeric-owner']);
  for (const program of NODE_PROGRAMS) {
    await copyFile(join(parts.kubernetes.path, program), join(tree, 'usr/bin', program));
    await chmod(join(tree, 'usr/bin', program), 0o755);
  }
}

async function configure(place: BuildPlace, tree: string): Promise<void> {
  const inside = (...argv: string[]) =>
    runLogged(place.log, ['chroot', tree, ...argv], { env: { SOURCE_DATE_EPOCH: SOURCE_DATE } });
  const home = ['--no-create-home', '--home-dir', '/var/home/core'];
  await inside('useradd', '--uid', '1000', '--user-group', ...home, '--shell', '/bin/bash', 'core');
  // First boot applies the presets too, but only enables: what Debian's packages enabled has to go now.
  await inside('systemctl', 'preset-all');
  // It asks questions on a terminal that a lab host doesn't have.
  await inside('systemctl', 'mask', 'systemd-firstboot.service');
}

/** Takes out what would be the same on every host that boots this tree, or differ between two builds of it. */
async function forgetIdentity(tree: string): Promise<void> {
  // An empty file would not count as a first boot (machine-id(5)).
  await writeFile(join(tree, 'etc/machine-id'), 'uninitialized\n');
  const etc = await readdir(join(tree, 'etc'));
  const ssh = await readdir(join(tree, 'etc/ssh'));
  const leftovers = [
    ...etc.filter((name) => name.endsWith('-')),
    ...ssh.filter((name) => name.startsWith('ssh_host_')).map((name) => join('ssh', name)),
  ];
  for (const name of leftovers) await rm(join(tree, 'etc', name));
}

/** OSTree's layout: /etc as a default below /usr, state only in /var, empty mount points (ostree's "Adapting existing systems"). */
async function shapeForOstree(tree: string): Promise<void> {
  // The list of packages is part of the system, not of its state.
  await mkdir(join(tree, 'usr/lib/package-database'));
  await rename(join(tree, 'var/lib/dpkg/status'), join(tree, 'usr/lib/package-database/status'));
  await rename(join(tree, 'etc'), join(tree, 'usr/etc'));
  for (const directory of ['boot', 'dev', 'proc', 'run', 'sys', 'sysroot', 'tmp', 'var']) {
    await rm(join(tree, directory), { recursive: true, force: true });
    await mkdir(join(tree, directory));
  }
  await chmod(join(tree, 'tmp'), 0o1777);
  for (const [path, target] of Object.entries(STATE_LINKS)) {
    await rm(join(tree, path), { recursive: true, force: true });
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await symlink(target, join(tree, path));
  }
  for (const name of await readdir(tree)) {
    if (/^(initrd\.img|vmlinuz)/.test(name)) await rm(join(tree, name));
  }
}

/** A new repository each time: a parent would change the commit's id. */
async function commitTree(place: BuildPlace, tree: string): Promise<string> {
  const repo = join(place.product, OS_REPO);
  await runLogged(place.log, ['ostree', 'init', `--repo=${repo}`, '--mode=bare']);
  await runLogged(place.log, ['ostree', 'config', `--repo=${repo}`, 'set', 'core.fsync', 'false']);
  await runLogged(place.log, [
    'ostree',
    'commit',
    `--repo=${repo}`,
    `--branch=${OS_REF}`,
    `--tree=dir=${tree}`,
    '--consume',
    '--bootable',
    `--timestamp=@${SOURCE_DATE}`,
    '--subject=Lab operating system',
    `--add-metadata-string=version=lab-${KUBERNETES_VERSION}`,
  ]);
  const { stdout } = await localHost.run(['ostree', 'rev-parse', `--repo=${repo}`, OS_REF]);
  return stdout.trim();
}

/** The version of the kernel whose modules lie in a tree. Failure `lab/kernel-not-single`. */
export const kernelVersionOf = (tree: string): Promise<string> => onlyEntry(join(tree, 'usr/lib/modules'));

async function onlyEntry(directory: string): Promise<string> {
  const [name, ...others] = await readdir(directory);
  if (name === undefined || others.length > 0) {
    throw new Failure({
      code: 'lab/kernel-not-single',
      message: `${directory} must hold exactly one kernel`,
    });
  }
  return name;
}
