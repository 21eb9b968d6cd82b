import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import type { Host, RunOptions, RunResult } from '#system/host.ts';
import { commandFailed } from '#system/localHost.ts';
import type { QemuCommand } from '#system/qemuMessages.ts';
import { askGuestAgent } from '#system/qemuSockets.ts';
import { GRACE_SECONDS, insideCommand } from './insideCommand.ts';

/** The agent answers within milliseconds, in an emulated machine that is busy within seconds. */
const ANSWER_SECONDS = 30;
/** A time limit inside is counted by the clock of the machine, which lags behind where it is emulated. */
const SLACK_SECONDS = 60;
/** As long as a disk takes to be copied. */
const FROZEN_SECONDS = 300;
const FIRST_PAUSE_SECONDS = 0.1;
const LONGEST_PAUSE_SECONDS = 2;

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
  readonly 'out-truncated'?: boolean;
}

/**
 * Runs programs inside a virtual machine through the QEMU guest agent, which needs no network and no login there.
 * Output is kept in the agent until the program has ended, 16 MiB at most.
 */
export class GuestHost implements Pick<Host, 'run'> {
  readonly #socket: string;
  /** The agent serves one request at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** One command of the agent itself; see QEMU's guest agent protocol. */
  ask(
    execute: string,
    words: Readonly<Record<string, unknown>> = {},
    seconds = ANSWER_SECONDS,
  ): Promise<unknown> {
    const answer = this.#last.then(() => this.#askThawed({ execute, arguments: words }, seconds));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Somebody else may have frozen the file systems for a moment; all but a few commands are refused meanwhile. */
  async #askThawed(command: QemuCommand, seconds: number): Promise<unknown> {
    const end = performance.now() + FROZEN_SECONDS * 1000;
    for (;;) {
      try {
        return await askGuestAgent(this.#socket, command, seconds);
      } catch (error) {
        if (!isFrozen(error) || performance.now() > end) throw error;
        await sleep(500);
      }
    }
  }

  /** False as long as the machine has not come so far. */
  async isListening(): Promise<boolean> {
    try {
      await this.ask('guest-ping', {}, 2);
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const [path, ...arg] = insideCommand(argv, options);
    const { pid } = (await this.ask('guest-exec', {
      path,
      arg,
      'capture-output': true,
      ...(options.input !== undefined && { 'input-data': Buffer.from(options.input).toString('base64') }),
    })) as { readonly pid: number };
    const status = await this.#ended(argv, pid, options);
    const result = {
      code: status.exitcode ?? 128 + (status.signal ?? 0),
      stdout: decode(status['out-data']),
      stderr: decode(status['err-data']),
    };
    if (status['out-truncated']) throw tooMuch(argv);
    if ((options.okCodes ?? [0]).includes(result.code)) return result;
    throw commandFailed(argv, result, status.signal === undefined ? null : String(status.signal));
  }

  /** Asks less and less often: every question costs an emulated machine some of its time. */
  async #ended(
    argv: readonly string[],
    pid: number,
    { timeoutSeconds, signal }: RunOptions,
  ): Promise<ExecStatus> {
    const limit = (timeoutSeconds ?? Infinity) + GRACE_SECONDS + SLACK_SECONDS;
    const end = performance.now() + limit * 1000;
    for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(1.5 * pause, LONGEST_PAUSE_SECONDS)) {
      const status = (await this.ask('guest-exec-status', { pid })) as ExecStatus;
      if (status.exited) return status;
      signal?.throwIfAborted();
      if (performance.now() > end) throw endless(argv, limit);
      await sleep(pause * 1000);
    }
  }
}

const isFrozen = (error: unknown): boolean =>
  error instanceof Failure && error.code === 'system/qemu-refused' && error.message.includes('frozen state');

const decode = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString('utf8');

const tooMuch = (argv: readonly string[]): Failure =>
  new Failure({
    code: 'machines/output-too-long',
    message: `${argv[0]} printed more than the guest agent can hand over`,
  });

const endless = (argv: readonly string[], seconds: number): Failure =>
  new Failure({
    code: 'machines/program-endless',
    message: `${argv[0]} has not ended inside after ${seconds} s`,
  });
