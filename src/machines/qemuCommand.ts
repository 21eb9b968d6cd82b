import { createHash } from 'node:crypto';
import { containerName, inNetwork, machineFolder, type Site } from './site.ts';

/** What the one network interface is called inside: that of the PCI slot it is given here. */
export const GUEST_INTERFACE = 'ens2';
/** Where volumes are attached to a running machine. */
export const VOLUME_BUS = 'volumes.0';

const MEMORY_MIB = 4096;
const PROCESSORS = 2;
/** sun_path of unix(7), with its end. */
export const LONGEST_SOCKET_PATH = 107;

/** Files of a virtual machine, below its folder. */
export const qemuPaths = (site: Site, name: string) => {
  const folder = machineFolder(site, name);
  return {
    consoleLog: `${folder}/console.log`,
    control: `${folder}/control`,
    agent: `${folder}/agent`,
    sshKey: `${folder}/ssh_key`,
  };
};

export interface QemuHardware {
  readonly name: string;
  readonly disk: string;
  /** A disc in the drive, booted where the disk is not bootable. */
  readonly iso?: string;
}

/**
 * Name of the machine's end on the bridge. Interface names have 15 letters at most, machine names more.
 */
export const tapName = (site: Site, name: string): string => `vm-${digest(site, name).slice(0, 8)}`;

/**
 * argv that runs a virtual machine on the site's bridge. The disk comes first in the boot order, so an empty one
 * leads to the disc and an installed one to itself.
 *
 * Emulated (TCG), because a /dev/kvm that is there is not always one that works: on some machines its opening hangs.
 * Without the processor flags erms and fsrm the guest's kernel copies memory in words and not in bytes, which doubles its speed
 * (lab-image.md, "the single most valuable finding").
 */
export function qemuCommand(site: Site, { name, disk, iso }: QemuHardware): string[] {
  const paths = qemuPaths(site, name);
  const disc = [
    ...['-drive', `if=none,id=disc,file=${value(iso ?? '')},format=raw,media=cdrom,readonly=on`],
    ...['-device', 'scsi-cd,drive=disc,bus=volumes.0,bootindex=2'],
  ];
  return inNetwork(site, [
    'qemu-system-x86_64',
    ...['-name', containerName(site, name)],
    ...['-machine', 'pc,graphics=off', '-accel', 'tcg,thread=multi', '-cpu', 'max,-erms,-fsrm'],
    ...['-smp', String(PROCESSORS), '-m', String(MEMORY_MIB)],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...[
      '-chardev',
      `file,id=console,path=${value(paths.consoleLog)},append=on`,
      '-serial',
      'chardev:console',
    ],
    ...['-chardev', socket('control', paths.control), '-mon', 'chardev=control,mode=control'],
    ...['-netdev', `tap,id=net,ifname=${tapName(site, name)},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=net,mac=${macAddress(site, name)},romfile=,addr=0x2`],
    ...['-device', 'virtio-scsi-pci,id=volumes', '-device', 'virtio-rng-pci'],
    ...['-device', 'virtio-serial-pci', '-chardev', socket('agent', paths.agent)],
    ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    // The files are the lab's own and go with it: nothing has to be on stable storage.
    ...['-drive', `if=none,id=disk,file=${value(disk)},format=raw,cache=unsafe,discard=unmap`],
    ...['-device', 'virtio-blk-pci,drive=disk,bootindex=1'],
    ...(iso === undefined ? [] : disc),
  ]);
}

const socket = (id: string, path: string): string => `socket,id=${id},path=${value(path)},server=on,wait=off`;

/** QEMU splits its options at commas and takes two for one that is meant. */
const value = (text: string): string => text.replaceAll(',', ',,');

/** Of the range that QEMU uses; the same at each start, so that a machine keeps its address. */
function macAddress(site: Site, name: string): string {
  const [a, b, c] = digest(site, name).match(/../g) ?? [];
  return `52:54:00:${a}:${b}:${c}`;
}

const digest = (site: Site, name: string): string =>
  createHash('sha256').update(containerName(site, name)).digest('hex');
