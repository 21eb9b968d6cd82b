import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { createCgroup } from './cgroups.ts';
import { findBootDeployment } from './deployment.ts';
import { mountDisk } from './disk.ts';
import type { Machine, MachineDriver, MachineSpec } from './driver.ts';
import { readRecord, writeRecord } from './machineRecord.ts';
import { bootCommand, NSPAWN_INTERFACE } from './nspawnCommand.ts';
import { NspawnMachine } from './nspawnMachine.ts';
import { identify, isAlive } from './processes.ts';
import { releaseContainer } from './release.ts';
import { checkName, machineCgroup, machineFolder, type Site } from './site.ts';

/**
 * Machines as systemd-nspawn containers: the deployment of a disk image runs on this machine's kernel at native
 * speed. Boot loader, initramfs, kernel arguments and udev are not exercised (lab-chain.md, 6).
 * A reboot from inside ends the machine, because systemd-nspawn leaves the restart to a service manager that is not
 * there (exit code 133): `start` it again. The site's network must be up.
 */
export class NspawnDriver implements MachineDriver {
  readonly kind = 'nspawn';
  readonly networkInterface = NSPAWN_INTERFACE;
  readonly #host: Host;
  readonly #site: Site;

  constructor(host: Host, site: Site) {
    this.#host = host;
    this.#site = site;
  }

  async start(spec: MachineSpec): Promise<Machine> {
    checkName(spec.name);
    const before = await readRecord(this.#host, this.#site, spec.name);
    if (before?.process !== undefined && (await isAlive(this.#host, before.process))) {
      throw new Failure({
        code: 'machines/already-running',
        message: `machine ${spec.name} is already running`,
        hint: 'power it off first',
      });
    }
    await releaseContainer(this.#host, this.#site, spec.name, before?.attachedFiles ?? []);
    return this.#boot(spec);
  }

  async find(name: string): Promise<Machine | undefined> {
    const record = await readRecord(this.#host, this.#site, name);
    if (record?.process === undefined || !(await isAlive(this.#host, record.process))) return undefined;
    const machine = new NspawnMachine({ host: this.#host, site: this.#site, name, process: record.process });
    await machine.host.connect();
    return machine;
  }

  async #boot({ name, disk }: MachineSpec): Promise<Machine> {
    const [host, site] = [this.#host, this.#site];
    const folder = machineFolder(site, name);
    await host.files.makeDirectory(folder, 0o700);
    await writeRecord(host, site, name, { formatVersion: 1, disk, attachedFiles: [disk] });
    try {
      const mounted = await mountDisk(host, disk, folder);
      const deployment = await findBootDeployment(host, mounted.sysroot);
      const cgroups = await createCgroup(host, machineCgroup(site, name));
      const log = `${folder}/console.log`;
      const pid = await host.launch(bootCommand(site, name, mounted, deployment), { log, cgroups });
      const process = await identify(host, pid);
      await writeRecord(host, site, name, { formatVersion: 1, disk, process, attachedFiles: [disk] });
      return new NspawnMachine({ host, site, name, process });
    } catch (error) {
      await releaseContainer(host, site, name, [disk]);
      throw error;
    }
  }
}
