import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { createCgroup } from './cgroups.ts';
import type { MachineDriver, MachineSpec } from './driver.ts';
import { readRecord, writeRecord } from './machineRecord.ts';
import { addTap } from './network.ts';
import { identify, isAlive } from './processes.ts';
import { GUEST_INTERFACE, LONGEST_SOCKET_PATH, qemuCommand, qemuPaths, tapName } from './qemuCommand.ts';
import { QemuMachine, releaseQemu } from './qemuMachine.ts';
import { checkName, machineCgroup, machineFolder, type Site } from './site.ts';

export interface QemuSpec extends MachineSpec {
  /** A disc in the drive; it boots where the disk does not. */
  readonly iso?: string;
}

/**
 * Machines as virtual machines in QEMU: BIOS, boot loader, kernel, initramfs and udev are those of the disk or disc.
 * A reboot from inside is a reboot. The site's network must be up.
 */
export class QemuDriver implements MachineDriver {
  readonly kind = 'qemu';
  readonly networkInterface = GUEST_INTERFACE;
  readonly #host: Host;
  readonly #site: Site;

  constructor(host: Host, site: Site) {
    this.#host = host;
    this.#site = site;
  }

  async start(spec: QemuSpec): Promise<QemuMachine> {
    checkName(spec.name);
    await this.#checkMachine(spec.name);
    await releaseQemu(this.#host, this.#site, spec.name);
    const [host, site, { name, disk }] = [this.#host, this.#site, spec];
    const record = { formatVersion: 1, disk, attachedFiles: [] } as const;
    await host.files.makeDirectory(machineFolder(site, name), 0o700);
    await writeRecord(host, site, name, record);
    try {
      await addTap(host, site, tapName(site, name));
      const cgroups = await createCgroup(host, machineCgroup(site, name));
      const { consoleLog } = qemuPaths(site, name);
      const pid = await host.launch(qemuCommand(site, spec), { log: consoleLog, cgroups });
      const process = await identify(host, pid);
      await writeRecord(host, site, name, { ...record, process });
      const machine = new QemuMachine({ host, site, name, process });
      await machine.waitForControl();
      return machine;
    } catch (error) {
      await releaseQemu(host, site, name);
      throw error;
    }
  }

  async find(name: string): Promise<QemuMachine | undefined> {
    const record = await readRecord(this.#host, this.#site, name);
    if (record?.process === undefined || !(await isAlive(this.#host, record.process))) return undefined;
    return new QemuMachine({ host: this.#host, site: this.#site, name, process: record.process });
  }

  async #checkMachine(name: string): Promise<void> {
    if ((await this.find(name)) !== undefined) {
      throw new Failure({
        code: 'machines/already-running',
        message: `machine ${name} is already running`,
        hint: 'power it off first',
      });
    }
    if (!(await this.#host.has('qemu-system-x86_64'))) {
      throw new Failure({
        code: 'machines/qemu-missing',
        message: 'program qemu-system-x86_64 is not installed',
        hint: 'install the package qemu-system-x86 and try again',
      });
    }
    const { control } = qemuPaths(this.#site, name);
    if (Buffer.byteLength(control) > LONGEST_SOCKET_PATH) {
      throw new Failure({
        code: 'machines/path-too-long',
        message: `${control} has more than ${LONGEST_SOCKET_PATH} letters, too many for a socket`,
        hint: 'use a shorter folder in SOWER_STATE, or shorter names',
      });
    }
  }
}
