import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import { ContainerHost, enterContainer } from './container.ts';
import type { Machine, WaitForBootOptions } from './driver.ts';
import { attachLoopDevice, detachLoopDevices, listLoopDevices } from './loopDevices.ts';
import { type NspawnRecord, readRecord, writeRecord } from './nspawnRecord.ts';
import { isAlive, signalProcesses } from './processes.ts';
import { releaseContainer } from './release.ts';
import { machineFolder, type Site } from './site.ts';
import { waitFor, waitUntil } from './waiting.ts';

/** systemd takes this as "power off" (systemd(1), SIGRTMIN+4), as systemd-nspawn itself would send it. */
const POWER_OFF_SIGNAL = 'RTMIN+4';
const CONSOLE_TAIL = 2000;

export interface NspawnMachineParts {
  readonly host: Host;
  readonly site: Site;
  readonly name: string;
  readonly process: ProcessIdentity;
}

/** A running systemd-nspawn. */
export class NspawnMachine implements Machine {
  readonly name: string;
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

  async waitForBoot(options: WaitForBootOptions = {}): Promise<void> {
    const { until = 'settled', timeoutSeconds = 120 } = options;
    const enough = until === 'basic' ? ['starting', 'running', 'degraded'] : ['running', 'degraded'];
    let state = 'offline';
    const result = await waitFor(
      async () => {
        if (!(await this.isRunning())) return 'ended';
        state = await this.#systemState();
        return enough.includes(state) ? 'up' : undefined;
      },
      { timeoutSeconds, everySeconds: 0.2 },
    );
    if (result === 'up') return;
    const what = result === 'ended' ? 'ended while it booted' : `is "${state}" after ${timeoutSeconds} s`;
    throw new Failure({
      code: result === 'ended' ? 'machines/boot-failed' : 'machines/boot-timeout',
      message: `machine ${this.name} ${what}; the end of its console:\n${await this.#consoleTail()}`,
      hint: `read its whole console in ${this.consoleLog}`,
    });
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

  async #release(): Promise<void> {
    const record = await this.#record();
    await releaseContainer(this.#outside, this.#site, this.name, record.attachedFiles);
    await this.#write({ formatVersion: 1, disk: record.disk, attachedFiles: [] });
  }

  /** What systemd inside says of itself; `offline` as long as it does not answer. */
  async #systemState(): Promise<string> {
    try {
      const result = await this.host.run(['systemctl', 'is-system-running'], {
        okCodes: [0, 1, 2, 3, 4],
        timeoutSeconds: 10,
      });
      return result.stdout.trim();
    } catch (error) {
      if (error instanceof Failure) return 'offline';
      throw error;
    }
  }

  async #deviceNumber(device: string): Promise<[string, string]> {
    const text = await this.#outside.files.readText(`/sys/block/${device.replace('/dev/', '')}/dev`);
    const [major, minor] = text.trim().split(':');
    if (major === undefined || minor === undefined) throw new Error(`${device}: odd device number ${text}`);
    return [major, minor];
  }

  async #consoleTail(): Promise<string> {
    const text = (await this.#outside.files.readIfExists(this.consoleLog))?.toString('utf8') ?? '';
    return text.slice(-CONSOLE_TAIL);
  }

  async #record(): Promise<NspawnRecord> {
    const record = await readRecord(this.#outside, this.#site, this.name);
    return record ?? { formatVersion: 1, disk: '', attachedFiles: [] };
  }

  #write(record: NspawnRecord): Promise<void> {
    return writeRecord(this.#outside, this.#site, this.name, record);
  }
}
