import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import { watchBoot } from './bootWatch.ts';
import { ContainerHost, enterContainer } from './container.ts';
import type { Machine, WaitForBootOptions } from './driver.ts';
import { attachLoopDevice, detachLoopDevices, listLoopDevices } from './loopDevices.ts';
import { type MachineRecord, readRecord, writeRecord } from './machineRecord.ts';
import { isAlive, signalProcesses } from './processes.ts';
import { releaseContainer } from './release.ts';
import { machineFolder, type Site } from './site.ts';
import { waitUntil } from './waiting.ts';

/** systemd takes this as "power off" (systemd(1), SIGRTMIN+4), as systemd-nspawn itself would send it. */
const POWER_OFF_SIGNAL = 'RTMIN+4';

export interface NspawnMachineParts {
  readonly host: Host;
  readonly site: Site;
  readonly name: string;
  readonly process: ProcessIdentity;
}

/** A running systemd-nspawn. */
export class NspawnMachine implements Machine {
  readonly name: string;
  readonly slowness = 1;
  readonly host: ContainerHost;
  readonly consoleLog: string;
  readonly #outside: Host;
  readonly #site: Site;
  readonly #process: ProcessIdentity;

  constructor({ host, site, name, process }: NspawnMachineParts) {
    this.name = name;
    this.host = new ContainerHost(host, name, process);
    this.consoleLog = `${machineFolder(site, name)}/console.log`;
    this.#outside = host;
    this.#site = site;
    this.#process = process;
  }

  async argvInside(argv: readonly string[]): Promise<string[]> {
    return enterContainer(await this.host.connect(), argv, { env: { TERM: 'xterm-256color' } });
  }

  isRunning(): Promise<boolean> {
    return isAlive(this.#outside, this.#process);
  }

  waitForBoot(options: WaitForBootOptions = {}): Promise<void> {
    return watchBoot(this.#outside, this, options);
  }

  async attachBlockDevice(file: string, options: { readonly readOnly?: boolean } = {}): Promise<string> {
    const record = await this.#record();
    await this.#write({ ...record, attachedFiles: [...new Set([...record.attachedFiles, file])] });
    const device = await attachLoopDevice(this.#outside, file, options);
    // The machine sees every device of the kernel in /sys/block, but its /dev is its own: only this node is added.
    const [major, minor] = await this.#deviceNumber(device);
    await this.host.run(['mknod', '--mode=0660', device, 'b', major, minor]);
    return device;
  }

  async detachBlockDevice(device: string): Promise<void> {
    await this.host.run(['rm', '--force', device]);
    const devices = (await listLoopDevices(this.#outside)).filter((loop) => loop.device === device);
    await detachLoopDevices(this.#outside, devices);
    const record = await this.#record();
    const gone = devices.map(({ backingFile }) => backingFile);
    await this.#write({ ...record, attachedFiles: record.attachedFiles.filter((f) => !gone.includes(f)) });
  }

  async powerOff(options: { readonly timeoutSeconds?: number } = {}): Promise<void> {
    const { timeoutSeconds = 120 } = options;
    if (await this.isRunning())
      await signalProcesses(this.#outside, [await this.host.connect()], POWER_OFF_SIGNAL);
    const ended = await waitUntil(async () => !(await this.isRunning()), { timeoutSeconds });
    if (!ended) {
      throw new Failure({
        code: 'machines/power-off-timeout',
        message: `machine ${this.name} has not shut down after ${timeoutSeconds} s`,
        hint: `see what it waits for in ${this.consoleLog}; stop its pods before, or kill it`,
      });
    }
    await this.#release();
  }

  kill(): Promise<void> {
    return this.#release();
  }

  readFiles<T>(read: (sysroot: string) => Promise<T>): Promise<T> {
    return read(`${machineFolder(this.#site, this.name)}/sysroot`);
  }

  async #release(): Promise<void> {
    const record = await this.#record();
    await releaseContainer(this.#outside, this.#site, this.name, record.attachedFiles);
    await this.#write({ formatVersion: 1, disk: record.disk, attachedFiles: [] });
  }

  async #deviceNumber(device: string): Promise<[string, string]> {
    const text = await this.#outside.files.readText(`/sys/block/${device.replace('/dev/', '')}/dev`);
    const [major, minor] = text.trim().split(':');
    if (major === undefined || minor === undefined) throw new Error(`${device}: odd device number ${text}`);
    return [major, minor];
  }

  async #record(): Promise<MachineRecord> {
    const record = await readRecord(this.#outside, this.#site, this.name);
    return record ?? { formatVersion: 1, disk: '', attachedFiles: [] };
  }

  #write(record: MachineRecord): Promise<void> {
    return writeRecord(this.#outside, this.#site, this.name, record);
  }
}
