import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { localHost } from '#system/localHost.ts';

export const EMBED_AREA = 256 * 1024;

export interface CoreosIsoOptions {
  /** Where the image and its tree are made. */
  readonly folder: string;
  /** Content of `/coreos/igninfo.json`; absent: the image has none, as older releases. */
  readonly igninfo?: object;
  /** Bytes of `/images/ignition.img`. */
  readonly areaBytes?: number;
}

/** A small ISO with the files of a CoreOS live image that embedding looks at; nothing in it boots. Returns its path. */
export async function makeCoreosIso({
  folder,
  igninfo,
  areaBytes = EMBED_AREA,
}: CoreosIsoOptions): Promise<string> {
  const kargs = `coreos.liveiso=rhcos-9.6.test ignition.firstboot ignition.platform.id=metal\n${'#'.repeat(80)} COREOS_KARG_EMBED_AREA\n`;
  const files: Readonly<Record<string, string | Buffer>> = {
    'EFI/redhat/grub.cfg': `menuentry "RHCOS" {\n\tlinux /images/pxeboot/vmlinuz rw ${kargs}\tinitrd /images/pxeboot/initrd.img /images/ignition.img\n}\n`,
    'isolinux/isolinux.cfg': `label linux\n  kernel /images/pxeboot/vmlinuz\n  append initrd=/images/pxeboot/initrd.img,/images/ignition.img rw ${kargs}`,
    'coreos/kargs.json': JSON.stringify({ default: kargs.split('\n')[0], files: [] }),
    'images/ignition.img': randomBytes(areaBytes), // not zeros: what is left of them would show
    'images/pxeboot/vmlinuz': randomBytes(65536),
    'images/pxeboot/initrd.img': randomBytes(131072),
    'images/pxeboot/rootfs.img': randomBytes(1048576),
    ...(igninfo !== undefined && { 'coreos/igninfo.json': JSON.stringify(igninfo) }),
  };
  const tree = join(folder, 'tree');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content, { mode: 0o644 });
  }
  const image = join(folder, 'live.iso');
  await localHost.run([
    'xorriso',
    '-as',
    'mkisofs',
    '-quiet',
    '-V',
    'rhcos-9.6.test',
    '-R',
    '-o',
    image,
    tree,
  ]);
  return image;
}
