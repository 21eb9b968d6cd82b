import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import {
  answerOf,
  isAnswer,
  type QemuCommand,
  type QemuMessage,
  QemuMessageReader,
  renderCommand,
} from './qemuMessages.ts';

/** Such a socket serves one client and lets another one wait; a third is sent away (EAGAIN) and tries again. */
const RETRY_MILLISECONDS = 50;

/**
 * One command to a running QEMU over its control socket (QMP). Failures `system/qemu-silent`, `-refused`, `-message`.
 */
export function askQemu(socket: string, command: QemuCommand, timeoutSeconds: number): Promise<unknown> {
  return exchange(socket, timeoutSeconds, async (talk) => {
    await talk.until((message) => 'QMP' in message);
    const capabilities = { execute: 'qmp_capabilities' };
    answerOf(capabilities, await talk.ask(capabilities));
    return answerOf(command, await talk.ask(command));
  });
}

/**
 * One command to the agent inside a virtual machine. It is silent as long as it does not run there.
 * Failures `system/qemu-silent`, `-refused`, `-message`.
 */
export function askGuestAgent(
  socket: string,
  command: QemuCommand,
  timeoutSeconds: number,
): Promise<unknown> {
  return exchange(socket, timeoutSeconds, async (talk) => {
    // The agent may still hold half a command of somebody else, and answers to him: both end here.
    const id = randomInt(1, 2 ** 31);
    talk.send(Buffer.of(0xff));
    talk.send(renderCommand({ execute: 'guest-sync-delimited', arguments: { id } }));
    await talk.until((message) => message['return'] === id);
    return answerOf(command, await talk.ask(command));
  });
}

async function exchange<T>(
  path: string,
  timeoutSeconds: number,
  work: (talk: Conversation) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const socket = await open(path, signal);
  try {
    return await work(new Conversation(socket, path, signal));
  } finally {
    socket.destroy();
  }
}

async function open(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', resolve);
    });
    if (failure === undefined) return socket;
    socket.destroy();
    if (failure.code !== 'EAGAIN' || signal.aborted) throw silent(path, failure);
    await sleep(RETRY_MILLISECONDS);
  }
}

/** Lines go out, messages come in. */
class Conversation {
  readonly #socket: Socket;
  readonly #messages: QemuMessage[] = [];
  #problem: Failure | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket, path: string, signal: AbortSignal) {
    this.#socket = socket;
    const reader = new QemuMessageReader();
    const end = (problem: Failure): void => {
      this.#problem ??= problem;
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#messages.push(...reader.feed(chunk));
        this.#wake();
      } catch (error) {
        end(error as Failure);
      }
    });
    socket.on('error', (cause) => end(silent(path, cause)));
    socket.on('close', () => end(silent(path, new Error('it has hung up'))));
    signal.addEventListener('abort', () => end(silent(path, new Error('no answer in time'))));
    if (signal.aborted) end(silent(path, new Error('no answer in time')));
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Events that come in between are passed over. */
  ask(command: QemuCommand): Promise<QemuMessage> {
    this.send(renderCommand(command));
    return this.until(isAnswer);
  }

  async until(isWanted: (message: QemuMessage) => boolean): Promise<QemuMessage> {
    for (;;) {
      for (let next = this.#messages.shift(); next !== undefined; next = this.#messages.shift()) {
        if (isWanted(next)) return next;
      }
      if (this.#problem !== undefined) throw this.#problem;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const silent = (path: string, cause: Error): Failure =>
  new Failure({
    code: 'system/qemu-silent',
    message: `nobody answers on ${path}: ${cause.message}`,
    cause,
  });
