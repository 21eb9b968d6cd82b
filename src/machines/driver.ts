import type { Host } from '#system/host.ts';

/** What a machine is made of. */
export interface MachineSpec {
  /** See `checkName`; also the host name until the system on the disk sets its own. */
  readonly name: string;
  /** Absolute path of the disk image; below the site's folder. */
  readonly disk: string;
}

export interface WaitForBootOptions {
  /** `basic`: units can be asked about and started; `settled` (default): every unit of the boot has come up or failed. */
  readonly until?: 'basic' | 'settled';
  /** Default 120, times the machine's slowness. */
  readonly timeoutSeconds?: number;
}

/**
 * A started machine. Everything a machine can do for a lab goes through here, whatever drives it.
 * Except for `host`, calls for one machine must not overlap; different machines are independent.
 */
export interface Machine {
  readonly name: string;
  /** How many times longer than at native speed it may take for anything: patience is multiplied by it. */
  readonly slowness: number;
  /** Runs programs inside the machine, with an environment of its own; `cwd` and `env` are meant inside. */
  readonly host: Pick<Host, 'run'>;
  /**
   * What runs a program inside when it is started here: for programs that talk to a person.
   * @param onTerminal false where its input or output is a file or a pipe
   */
  argvInside(argv: readonly string[], onTerminal: boolean): Promise<string[]>;
  /** Path, on this machine, of what it printed on its console. */
  readonly consoleLog: string;
  isRunning(): Promise<boolean>;
  /** Failures `machines/boot-failed` (with the end of the console) and `machines/boot-timeout`. */
  waitForBoot(options?: WaitForBootOptions): Promise<void>;
  /** Gives the machine a disk or volume; the answer is the device inside, for example `/dev/loop4`. */
  attachBlockDevice(file: string, options?: { readonly readOnly?: boolean }): Promise<string>;
  /** Takes it away again; `device` as `attachBlockDevice` gave it. */
  detachBlockDevice(device: string): Promise<void>;
  /**
   * Shuts the system down and gives its disk free. Running pods make systemd wait 90 s (lab-chain.md, pitfall 7):
   * stop them first. One that has shut down by itself is fine. Failure `machines/power-off-timeout`.
   */
  powerOff(options?: { readonly timeoutSeconds?: number }): Promise<void>;
  /**
   * Shows the root partition of its disk, physical root, as a folder of this machine. What is read is what the machine
   * has on disk now, or had at one moment during the call.
   */
  readFiles<T>(read: (sysroot: string) => Promise<T>): Promise<T>;
  /** Pulls the plug: nothing in the machine gets a chance to finish. The disk is free afterwards. */
  kill(): Promise<void>;
}

/** Starts machines of one kind for one site. */
export interface MachineDriver {
  readonly kind: string;
  /** What the one network interface of its machines is called inside. */
  readonly networkInterface: string;
  /** Returns as soon as the machine runs; see `waitForBoot`. Failure `machines/already-running`. */
  start(spec: MachineSpec): Promise<Machine>;
  /** A machine that was started earlier, perhaps by another process, and still runs. */
  find(name: string): Promise<Machine | undefined>;
}
