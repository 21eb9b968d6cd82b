import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { QemuDriver } from '#machines/qemu.ts';
import { machineFolder } from '#machines/site.ts';
import type { LabProducts } from './build/all.ts';
import { upInfrastructure } from './infrastructure.ts';
import type { Lab } from './lab.ts';
import { DISK_BYTES } from './seedDisk.ts';
import { createLabState } from './state.ts';

const LONGEST_PIECE = 64 * 1024;
const LOOK_MILLISECONDS = 250;

export interface BootIsoOptions {
  /** Absolute path. */
  readonly iso: string;
  /** Name of the machine. */
  readonly name: string;
  /** Absolute path of a disk image that stays; it is made where there is none. Without it the disk goes with the machine. */
  readonly disk?: string | undefined;
  /** Ends the machine at once. */
  readonly signal: AbortSignal;
  /** Is given what the machine prints on its console. */
  readonly onConsole: (text: string) => void;
}

/**
 * Boots an ISO in a virtual machine with a disk of its own, in the lab's network with its registry, and returns when the
 * machine has gone off. A disk that is bootable comes before the ISO. Failure `lab/no-iso`.
 */
export async function bootIso(lab: Lab, products: LabProducts, options: BootIsoOptions): Promise<void> {
  const { name, iso } = options;
  const { files } = lab.host;
  if ((await files.facts(iso))?.kind !== 'file') {
    throw new Failure({
      code: 'lab/no-iso',
      message: `${iso} is not a file`,
      hint: 'give the path of an ISO',
    });
  }
  await createLabState(lab, new Date());
  await upInfrastructure(lab, products);
  const disk = options.disk ?? `${lab.folder}/disks/${name}.img`;
  if (options.disk === undefined || !(await files.exists(disk))) {
    await files.makeDirectory(`${lab.folder}/disks`);
    await createEmptyDisk(lab.host, disk, DISK_BYTES);
  }
  const machine = await new QemuDriver(lab.host, lab.site).start({ name, disk, iso });
  try {
    await showConsole(lab, machine, options);
  } finally {
    await machine.kill();
    await files.remove(machineFolder(lab.site, name));
    if (options.disk === undefined) await files.remove(disk);
  }
}

/** Until the machine has ended and all that it printed was shown. */
async function showConsole(
  { host }: Lab,
  machine: Machine,
  { signal, onConsole }: BootIsoOptions,
): Promise<void> {
  const decoder = new TextDecoder(); // a letter may be cut in two
  let offset = 0;
  for (let isOver = false; !isOver; ) {
    isOver = signal.aborted || !(await machine.isRunning());
    for (;;) {
      const piece = await host.files.readAt(machine.consoleLog, offset, LONGEST_PIECE);
      if (piece.length === 0) break;
      offset += piece.length;
      onConsole(decoder.decode(piece, { stream: true }));
    }
    if (!isOver) await sleep(LOOK_MILLISECONDS);
  }
}
