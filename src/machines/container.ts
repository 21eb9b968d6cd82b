import { Failure } from '#base/failure.ts';
import type { Host, RunningProgram, RunOptions, RunResult } from '#system/host.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import { GRACE_SECONDS, insideCommand } from './insideCommand.ts';
import { getProcess, listProcesses } from './processes.ts';
import { waitFor } from './waiting.ts';

/**
 * The first process inside the container of this systemd-nspawn, by its number out here. `undefined` while there is
 * none: as long as it still bears nspawn's name it prepares its mounts, and who entered its namespaces then would be
 * on this machine's own files.
 */
async function findLeader(host: Host, nspawn: ProcessIdentity): Promise<number | undefined> {
  for (const { pid, parent, command } of await listProcesses(host)) {
    if (parent !== nspawn.pid || command === 'systemd-nspawn') continue;
    if (await isFirstInNamespace(host, pid)) return pid;
  }
  return undefined;
}

async function isFirstInNamespace(host: Host, pid: number): Promise<boolean> {
  try {
    return /^NSpid:\t\d+\t1$/m.test(await host.files.readText(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Failure) return false; // it has ended
    throw error;
  }
}

/** Runs programs inside a container; each call enters the namespaces anew. */
export class ContainerHost implements Pick<Host, 'run' | 'start'> {
  readonly #host: Host;
  readonly #name: string;
  readonly #nspawn: ProcessIdentity;
  #leader: number | undefined;

  constructor(host: Host, name: string, nspawn: ProcessIdentity) {
    this.#host = host;
    this.#name = name;
    this.#nspawn = nspawn;
  }

  /** Waits for the container's first process, which is there a moment after systemd-nspawn has started. */
  async connect(): Promise<number> {
    if (this.#leader !== undefined && (await this.#isStillLeader(this.#leader))) return this.#leader;
    this.#leader = await waitFor(() => findLeader(this.#host, this.#nspawn), { timeoutSeconds: 5 });
    if (this.#leader === undefined) throw this.#notRunning();
    return this.#leader;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const leader = await this.connect();
    return this.#host.run(enterContainer(leader, argv, options), outsideOptions(options));
  }

  /** Enters the container as it was at the last `run` or `connect`. */
  start(argv: readonly string[], options: RunOptions = {}): RunningProgram {
    if (this.#leader === undefined) throw this.#notRunning();
    return this.#host.start(enterContainer(this.#leader, argv, options), outsideOptions(options));
  }

  async #isStillLeader(pid: number): Promise<boolean> {
    const facts = await getProcess(this.#host, pid);
    return facts !== undefined && facts.parent === this.#nspawn.pid && !facts.isZombie;
  }

  #notRunning(): Failure {
    return new Failure({
      code: 'machines/not-running',
      message: `machine ${this.#name} is not running`,
      hint: 'start it first',
    });
  }
}

/**
 * argv that runs a program in the namespaces of the container's first process. The cgroup namespace is left out
 * (lab-chain.md, pitfall 11): the program stays in our control group and must not be a daemon.
 */
export function enterContainer(leader: number, argv: readonly string[], options: RunOptions = {}): string[] {
  return [
    ...['nsenter', `--target=${leader}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--'],
    ...insideCommand(argv, options),
  ];
}

/** nsenter's child would outlive an end of nsenter itself, so the time limit is kept inside; this one is the second line. */
function outsideOptions({ cwd: _, env: __, timeoutSeconds, ...rest }: RunOptions): RunOptions {
  return timeoutSeconds === undefined
    ? rest
    : { ...rest, timeoutSeconds: timeoutSeconds + 2 * GRACE_SECONDS };
}
