import { Failure } from '#base/failure.ts';
import { readPartitionTable, writeAt } from '#system/disk.ts';
import type { Host } from '#system/host.ts';

/** Where Debian and Fedora keep GRUB's images and modules for BIOS machines. */
const GRUB_DIRECTORIES = ['/usr/lib/grub/i386-pc', '/usr/share/grub2/i386-pc'];

/** All that the boot menu needs, so that only linux.mod has to be read from the disk. */
const CORE_MODULES = [
  ...['biosdisk', 'part_gpt', 'ext2', 'search_label', 'normal', 'configfile', 'test', 'echo', 'regexp'],
  ...['serial', 'terminal', 'minicmd', 'reboot', 'ls', 'cat'],
  // What linux.mod needs; loaded on demand they would call our `linux` function for ever.
  ...['boot', 'relocator', 'video', 'video_fb', 'vbe', 'mmap'],
];

/** Built into the core image: finds the boot partition by its label, whichever disk the BIOS calls first. */
const EARLY_CONFIG = `search.fs_label boot root
set prefix=($root)/grub
configfile $prefix/grub.cfg
`;

/**
 * Debian's GRUB cannot read boot loader entries. They are lines of "keyword value", so each is sourced as a script
 * with functions named after the keywords; `linux` is a function until the module of that name brings the command.
 * The entry with the highest number of the newest /boot/loader is the default deployment, as in ostree's own order.
 */
const GRUB_CONFIG = `# Written at installation. Boots what /boot/loader says, so it never has to be made again.
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial

function title { set entry_title="$*"; }
function version { set entry_version="$*"; }
function options { set entry_options="$*"; }
function linux { insmod linux; linux $1 $entry_options; }

set entry=
for number in 1 2 3 4 5 6 7 8 9; do
  for file in ($root)/loader/entries/ostree-$number-*.conf; do
    if [ -f "$file" ]; then set entry="$file"; fi
  done
done
source $entry
boot
`;

/** Byte offsets in GRUB's images for BIOS machines, see grub-core/boot/i386/pc/{boot,diskboot}.S. */
const BOOT_KERNEL_SECTOR = 0x5c;
const BOOT_DRIVE_CHECK = 0x66;
const CORE_REST_SECTOR = 0x1f4;
/** Behind it lie the disk signature and the protective partition table. */
const BOOT_CODE_BYTES = 440;

/** Puts sector numbers into the two images, as grub-install does. `sector` is the start of the BIOS-BOOT partition, in 512 bytes. */
export function patchGrubImages(boot: Buffer, core: Buffer, sector: number): { boot: Buffer; core: Buffer } {
  const patchedBoot = Buffer.from(boot.subarray(0, BOOT_CODE_BYTES));
  patchedBoot.writeBigUInt64LE(BigInt(sector), BOOT_KERNEL_SECTOR);
  patchedBoot.writeUInt16LE(0x9090, BOOT_DRIVE_CHECK); // two no-ops: trust the drive number that the BIOS gives
  const patchedCore = Buffer.from(core);
  patchedCore.writeBigUInt64LE(BigInt(sector + 1), CORE_REST_SECTOR);
  return { boot: patchedBoot, core: patchedCore };
}

/** The directory of GRUB's files for BIOS machines, if this machine can make such a boot loader. */
export async function findGrub(host: Host): Promise<string | undefined> {
  if (!(await host.has('grub-mkimage'))) return undefined;
  for (const directory of GRUB_DIRECTORIES) {
    if (await host.files.exists(`${directory}/boot.img`)) return directory;
  }
  return undefined;
}

export interface BootLoaderOptions {
  readonly disk: string;
  /** Where the boot partition is mounted. */
  readonly bootDirectory: string;
  readonly workDirectory: string;
  readonly grub: string;
}

/** Writes files to the boot partition and, as the very last thing, the code that makes the disk bootable. */
export async function installBootLoader(host: Host, options: BootLoaderOptions): Promise<void> {
  const { files } = host;
  const { disk, grub, workDirectory: work } = options;
  const modules = `${options.bootDirectory}/grub/i386-pc`;
  await files.makeDirectory(modules);
  for (const name of ['linux.mod', 'moddep.lst']) await files.copy(`${grub}/${name}`, `${modules}/${name}`);
  await files.write(`${options.bootDirectory}/grub/grub.cfg`, GRUB_CONFIG);
  await files.write(`${work}/early.cfg`, EARLY_CONFIG);
  const target = [
    '--directory',
    grub,
    '--format',
    'i386-pc',
    '--prefix',
    '/grub',
    '--config',
    `${work}/early.cfg`,
  ];
  await host.run(['grub-mkimage', ...target, '--output', `${work}/core.img`, ...CORE_MODULES]);
  const table = await readPartitionTable(host, disk);
  const bios = table.partitions.find((p) => p.name === 'BIOS-BOOT');
  const core = await files.read(`${work}/core.img`);
  if (bios === undefined || core.length > bios.size * table.sectorSize) {
    throw new Failure({
      code: 'ibi/boot-loader-does-not-fit',
      message: `${disk} has no BIOS-BOOT partition that holds GRUB's ${core.length} bytes`,
    });
  }
  const offset = bios.start * table.sectorSize;
  const patched = patchGrubImages(await files.read(`${grub}/boot.img`), core, offset / 512);
  await writeAt(host, disk, offset, patched.core);
  await writeAt(host, disk, 0, patched.boot);
}
