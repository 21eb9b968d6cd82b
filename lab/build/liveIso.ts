import { copyFile, mkdir, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { localHost } from '#system/localHost.ts';
import { recipeFile } from '../checkout.ts';
import type { BuildPlace, Product, Recipe } from './cache.ts';
import { makeInitramfs } from './initramfs.ts';
import { inTree } from './inTree.ts';
import { runLogged } from './loggedCommand.ts';
import { kernelVersionOf, OS_REF, OS_REPO } from './operatingSystem.ts';
import { type OverlayFile, overlayDigest, readOverlay, writeOverlay } from './overlay.ts';
import { PACKAGES_TAR, SOURCE_DATE } from './packages.ts';

/** The file of the product. */
export const LIVE_ISO = 'live.iso';

/** By this label the live system finds its disc (live/dracut/lab-live-root). */
const VOLUME_ID = 'SOWERLIVE';
/** As in CoreOS images. */
const EMBED_AREA_BYTES = 256 * 1024;
const EMBED_AREA = 'images/ignition.img';

const INITRAMFS_MODULES = [
  ...['base', 'systemd', 'systemd-initrd', 'dracut-systemd', 'udev-rules', 'fs-lib', 'shutdown', 'qemu'],
  ...['url-lib', 'network', 'systemd-networkd', 'ignition', 'lab-live'],
];
const INITRAMFS_DRIVERS = [
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'ata_piix', 'ata_generic', 'sd_mod', 'sr_mod'],
  ...['isofs', 'squashfs', 'overlay', 'loop', 'ext4', 'xfs'],
];

/** What is taken from packages of this machine, by package. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  'squashfs-tools': ['/usr/bin/mksquashfs'],
  xorriso: ['/usr/bin/xorriso'],
  isolinux: ['/usr/lib/ISOLINUX/isolinux.bin'],
  'syslinux-common': ['/usr/lib/syslinux/modules/bios/ldlinux.c32'],
};

export interface LiveIsoParts {
  readonly packages: Product;
  readonly operatingSystem: Product;
}

/**
 * A live ISO as CoreOS has it: the lab's operating system in memory, set up by the Ignition config that
 * `openshift-install` embeds into it. Boots by BIOS.
 */
export async function liveIsoRecipe(parts: LiveIsoParts): Promise<Recipe> {
  const files = await readOverlay(recipeFile('live'));
  return {
    name: 'live-iso',
    revision: 1,
    inputs: {
      packages: parts.packages.digest,
      operatingSystem: parts.operatingSystem.digest,
      files: overlayDigest(files),
      initramfs: [...INITRAMFS_MODULES, ...INITRAMFS_DRIVERS],
    },
    build: (place) => build(place, parts, files),
  };
}

async function build(
  place: BuildPlace,
  parts: LiveIsoParts,
  files: readonly OverlayFile[],
): Promise<Record<string, string>> {
  await checkTools();
  const disc = join(place.scratch, 'disc');
  for (const folder of ['images/pxeboot', 'isolinux', 'coreos']) {
    await mkdir(join(disc, folder), { recursive: true });
  }
  await place.stage('initramfs', () => makeLiveInitramfs(place, parts, { files, disc }));
  await place.stage('root', () => makeLiveRoot(place, parts, { files, disc }));
  await writeFile(join(disc, EMBED_AREA), '');
  await truncate(join(disc, EMBED_AREA), EMBED_AREA_BYTES);
  await writeFile(join(disc, 'coreos/igninfo.json'), `${JSON.stringify({ file: EMBED_AREA })}\n`);
  await addBootLoader(disc);
  await place.stage('disc', () => writeDisc(place, disc));
  return { volume: VOLUME_ID };
}

interface DiscParts {
  readonly files: readonly OverlayFile[];
  /** Folder that becomes the disc. */
  readonly disc: string;
}

/** The files below one folder of live/, with paths relative to it. */
const below = (folder: string, files: readonly OverlayFile[]): OverlayFile[] =>
  files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));

/** Made in the packages' own tree: that of the operating system has lost what only this needs. */
async function makeLiveInitramfs(
  place: BuildPlace,
  { packages }: LiveIsoParts,
  { files, disc }: DiscParts,
): Promise<void> {
  const tree = join(place.scratch, 'tree');
  await mkdir(tree);
  const archive = join(packages.path, PACKAGES_TAR);
  await runLogged(place.log, ['tar', '-C', tree, '-xpf', archive, '--numeric-owner']);
  await writeOverlay(below('dracut', files), join(tree, 'usr/lib/dracut/modules.d/50lab-live'));
  const kernelVersion = await kernelVersionOf(tree);
  const file = '/boot/live-initramfs.img';
  const [modules, drivers] = [INITRAMFS_MODULES, INITRAMFS_DRIVERS];
  await makeInitramfs(place.log, tree, { kernelVersion, modules, drivers, file });
  await rename(join(tree, file), join(disc, 'images/pxeboot/initrd.img'));
  await rename(join(tree, 'boot', `vmlinuz-${kernelVersion}`), join(disc, 'images/pxeboot/vmlinuz'));
  await rm(tree, { recursive: true });
}

/** The files of the operating system as they are after a deployment, with the units of a live system. */
async function makeLiveRoot(
  place: BuildPlace,
  { operatingSystem }: LiveIsoParts,
  { files, disc }: DiscParts,
): Promise<void> {
  const root = join(place.scratch, 'root');
  const repo = join(operatingSystem.path, OS_REPO);
  // Copies, not links into the repository: some are changed.
  await runLogged(place.log, ['ostree', 'checkout', '--force-copy', `--repo=${repo}`, OS_REF, root]);
  await rename(join(root, 'usr/etc'), join(root, 'etc'));
  const modules = join(root, 'usr/lib/modules', await kernelVersionOf(root));
  for (const name of ['vmlinuz', 'initramfs.img']) await rm(join(modules, name));
  await rm(join(root, 'usr/lib/systemd/system-preset/00-lab.preset'));
  await writeOverlay(below('root', files), root);
  for (const name of await readdir(join(root, 'etc/systemd/system'))) {
    if (name.endsWith('.wants')) await rm(join(root, 'etc/systemd/system', name), { recursive: true });
  }
  await runLogged(place.log, ['chroot', root, 'systemctl', 'preset-all']);
  await makeStateFolders(root);
  const squash = ['-comp', 'zstd', '-Xcompression-level', '6', '-b', '256K', '-noappend', '-no-progress'];
  const image = join(disc, 'images/rootfs.squashfs');
  await runLogged(place.log, ['mksquashfs', root, image, ...squash], {
    env: { SOURCE_DATE_EPOCH: SOURCE_DATE },
  });
}

/** Ignition writes to /var before the system that would make these folders has started. */
async function makeStateFolders(root: string): Promise<void> {
  const argv = ['systemd-tmpfiles', '--create', '--prefix=/var'];
  await localHost.run(inTree(root, argv), { okCodes: [0, 65, 73] }); // lines that do not apply in a folder
}

async function addBootLoader(disc: string): Promise<void> {
  for (const file of [...TOOLS['isolinux']!, ...TOOLS['syslinux-common']!]) {
    await copyFile(file, join(disc, 'isolinux', file.slice(file.lastIndexOf('/') + 1)));
  }
  await copyFile(recipeFile('live/isolinux.cfg'), join(disc, 'isolinux/isolinux.cfg'));
}

const writeDisc = (place: BuildPlace, disc: string): Promise<void> =>
  runLogged(
    place.log,
    [
      ...['xorriso', '-as', 'mkisofs', '-quiet', '-rational-rock', '-volid', VOLUME_ID],
      ...['-output', join(place.product, LIVE_ISO)],
      ...['-eltorito-boot', 'isolinux/isolinux.bin', '-eltorito-catalog', 'isolinux/boot.cat'],
      ...['-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', disc],
    ],
    { env: { SOURCE_DATE_EPOCH: SOURCE_DATE } },
  );

/** Before minutes are spent. Failure `lab/package-missing`. */
async function checkTools(): Promise<void> {
  for (const [name, files] of Object.entries(TOOLS)) {
    for (const file of files) {
      if (await localHost.files.exists(file)) continue;
      throw new Failure({
        code: 'lab/package-missing',
        message: `${file}, which the live ISO is made with, is not there`,
        hint: `install the package ${name}; ./demo and ./test install all that is needed`,
      });
    }
  }
}
