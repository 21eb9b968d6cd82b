import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { pasteable } from '#system/localHost.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import { askQemu } from '#system/qemuSockets.ts';
import { watchBoot } from './bootWatch.ts';
import { mountDisk, unmountDisk } from './disk.ts';
import type { Machine, WaitForBootOptions } from './driver.ts';
import { GuestHost } from './guestHost.ts';
import { insideCommand } from './insideCommand.ts';
import { readRecord, writeRecord } from './machineRecord.ts';
import { removeTap } from './network.ts';
import { isAlive } from './processes.ts';
import { putFile } from './putFile.ts';
import { qemuPaths, tapName } from './qemuCommand.ts';
import { type GuestVolumes, plugVolume, unplugVolume } from './qemuVolumes.ts';
import { releaseContainer } from './release.ts';
import { inNetwork, machineFolder, type Site } from './site.ts';
import { waitFor, waitUntil } from './waiting.ts';

const POWER_OFF_SECONDS = 300;
const CONTROL_SECONDS = 30;
/** The lab's hosts take keys from files of their own in this folder, as CoreOS does. */
const AUTHORIZED_KEY = '/root/.ssh/authorized_keys.d/lab';

export interface QemuMachineParts {
  readonly host: Host;
  readonly site: Site;
  readonly name: string;
  /** QEMU itself. */
  readonly process: ProcessIdentity;
}

/** A running virtual machine. */
export class QemuMachine implements Machine {
  readonly name: string;
  /** Measured: an API server is ready after 108 s instead of 18 (lab-chain.md, 6). */
  readonly slowness = 6;
  readonly host: GuestHost;
  readonly consoleLog: string;
  readonly #outside: Host;
  readonly #site: Site;
  readonly #process: ProcessIdentity;
  readonly #paths: ReturnType<typeof qemuPaths>;

  constructor({ host, site, name, process }: QemuMachineParts) {
    this.#paths = qemuPaths(site, name);
    this.name = name;
    this.host = new GuestHost(this.#paths.agent);
    this.consoleLog = this.#paths.consoleLog;
    this.#outside = host;
    this.#site = site;
    this.#process = process;
  }

  /** By SSH, with a key that is made at first use and laid into the machine through its agent. */
  async argvInside(argv: readonly string[], onTerminal: boolean): Promise<string[]> {
    const { sshKey } = this.#paths;
    if (!(await this.#outside.files.exists(sshKey))) {
      await this.#outside.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', sshKey]);
    }
    const key = await this.#outside.files.readText(`${sshKey}.pub`);
    await this.host.run(['install', '-d', '-m', '0700', '/root/.ssh']);
    await putFile(this.host, { path: AUTHORIZED_KEY, content: key, mode: 0o600 });
    // A machine in the lab's own network: whoever answers at that address is the one that was started there.
    const trusting = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
    const command = insideCommand(argv, { env: { TERM: 'xterm-256color' } });
    return inNetwork(this.#site, [
      ...['ssh', onTerminal ? '-t' : '-T', '-i', sshKey, '-o', 'BatchMode=yes'],
      ...trusting.flatMap((option) => ['-o', option]),
      `root@${await this.#address()}`,
      pasteable(command),
    ]);
  }

  /** QEMU listens a moment after its start, or ends because it does not like its arguments. Failure `machines/boot-failed`. */
  async waitForControl(): Promise<void> {
    const state = await waitFor(
      async () => {
        if (!(await this.isRunning())) return 'ended';
        return (await this.#isControlled()) ? 'listens' : undefined;
      },
      { timeoutSeconds: CONTROL_SECONDS, everySeconds: 0.05 },
    );
    if (state === 'listens') return;
    const log = (await this.#outside.files.readIfExists(this.consoleLog))?.toString('utf8') ?? '';
    throw new Failure({
      code: 'machines/boot-failed',
      message: `QEMU ${state === 'ended' ? 'ended at once' : 'does not listen'}: ${log.trim().slice(-1000)}`,
    });
  }

  isRunning(): Promise<boolean> {
    return isAlive(this.#outside, this.#process);
  }

  waitForBoot(options: WaitForBootOptions = {}): Promise<void> {
    return watchBoot(this.#outside, this, options);
  }

  attachBlockDevice(file: string, options: { readonly readOnly?: boolean } = {}): Promise<string> {
    return plugVolume(this.#volumes(), file, options.readOnly === true);
  }

  detachBlockDevice(device: string): Promise<void> {
    return unplugVolume(this.#volumes(), device);
  }

  async powerOff(options: { readonly timeoutSeconds?: number } = {}): Promise<void> {
    const { timeoutSeconds = POWER_OFF_SECONDS } = options;
    if (await this.isRunning()) {
      if (await this.host.isListening()) await this.host.run(['systemctl', '--no-block', 'poweroff']);
      else await this.#control('system_powerdown');
    }
    if (!(await waitUntil(async () => !(await this.isRunning()), { timeoutSeconds }))) {
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

  /**
   * Reads a copy of the disk, made in the moment in which the guest has written everything down and waits: two systems
   * must never have one file system mounted.
   */
  async readFiles<T>(read: (sysroot: string) => Promise<T>): Promise<T> {
    const folder = `${machineFolder(this.#site, this.name)}/copy`;
    const copy = `${folder}/disk.img`;
    const { files } = this.#outside;
    await files.makeDirectory(folder, 0o700);
    try {
      await this.#copyDisk(copy);
      const { sysroot } = await mountDisk(this.#outside, copy, folder);
      return await read(sysroot);
    } finally {
      await unmountDisk(this.#outside, copy, folder);
      await files.remove(folder);
    }
  }

  async #copyDisk(copy: string): Promise<void> {
    const record = await readRecord(this.#outside, this.#site, this.name);
    try {
      await this.host.ask('guest-fsfreeze-freeze', {}, 120);
      await this.#outside.run(['cp', '--sparse=always', record?.disk ?? '', copy]);
    } finally {
      await this.host.ask('guest-fsfreeze-thaw', {}, 120);
    }
  }

  async #isControlled(): Promise<boolean> {
    try {
      await this.#control('query-status');
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }

  #control(execute: string, words: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return askQemu(this.#paths.control, { execute, arguments: words }, CONTROL_SECONDS);
  }

  #volumes(): GuestVolumes {
    return { name: this.name, host: this.host, control: (execute, words) => this.#control(execute, words) };
  }

  async #address(): Promise<string> {
    const { stdout } = await this.host.run(['ip', '-4', '-json', 'route', 'get', '192.0.2.1']);
    const [route] = JSON.parse(stdout) as { readonly prefsrc?: string }[];
    if (route?.prefsrc !== undefined) return route.prefsrc;
    throw new Failure({
      code: 'machines/no-address',
      message: `machine ${this.name} has no address yet`,
      hint: 'wait until it is configured, or read its console',
    });
  }

  async #release(): Promise<void> {
    const record = await readRecord(this.#outside, this.#site, this.name);
    await releaseQemu(this.#outside, this.#site, this.name);
    await writeRecord(this.#outside, this.#site, this.name, {
      formatVersion: 1,
      disk: record?.disk ?? '',
      attachedFiles: [],
    });
  }
}

/** Ends what is left of a virtual machine and gives back what it holds; nothing left is fine. */
export async function releaseQemu(host: Host, site: Site, name: string): Promise<void> {
  await releaseContainer(host, site, name, []);
  await removeTap(host, site, tapName(site, name));
}
