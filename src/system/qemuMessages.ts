import { Failure } from '#base/failure.ts';

/** A command of QMP or of the guest agent; both speak lines of JSON (QEMU's qmp-spec). */
export interface QemuCommand {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** Anything that comes back: greeting, event, answer or refusal. */
export type QemuMessage = Readonly<Record<string, unknown>>;

/** The agent puts it before the answer to `guest-sync-delimited`; no JSON text can hold it. */
const SENTINEL = 0xff;

export const renderCommand = (command: QemuCommand): string => `${JSON.stringify(command)}\n`;

/** Cuts what arrives into messages. */
export class QemuMessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The messages that are complete by now. What stands before a sentinel belongs to somebody who asked earlier and is
   * dropped. @throws Failure system/qemu-message
   */
  feed(chunk: Uint8Array): QemuMessage[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    this.#rest = this.#rest.subarray(this.#rest.lastIndexOf(SENTINEL) + 1);
    const messages: QemuMessage[] = [];
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.toString('utf8', 0, end).trim();
      this.#rest = this.#rest.subarray(end + 1);
      if (line !== '') messages.push(parseMessage(line));
    }
    return messages;
  }
}

function parseMessage(line: string): QemuMessage {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as QemuMessage;
  } catch {}
  throw new Failure({
    code: 'system/qemu-message',
    message: `QEMU sent a line that is no message: ${line.slice(0, 100)}`,
  });
}

/** True for the answer to a command, good or bad; events and greetings are none. */
export const isAnswer = (message: QemuMessage): boolean => 'return' in message || 'error' in message;

/** What a command returned. @throws Failure system/qemu-refused */
export function answerOf({ execute }: QemuCommand, message: QemuMessage): unknown {
  if (!('error' in message)) return message['return'];
  const { desc } = (message['error'] ?? {}) as { readonly desc?: unknown };
  throw new Failure({
    code: 'system/qemu-refused',
    message: `QEMU refused ${execute}: ${typeof desc === 'string' ? desc : JSON.stringify(message['error'])}`,
  });
}
