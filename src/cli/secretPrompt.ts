import type { Readable } from 'node:stream';

/** Keys of a terminal in raw mode. */
const ENTER = ['\r', '\n'];
const BACKSPACE = ['\x7f', '\b'];
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
/** Marks that a terminal puts around pasted text once it is asked to. */
const PASTE = { on: '\x1b[?2004h', off: '\x1b[?2004l', start: '\x1b[200~', end: '\x1b[201~' };

/** The person does not want to answer. */
export class SecretRefused extends Error {}

interface SecretStreams {
  readonly input: Readable & { setRawMode?(isRaw: boolean): unknown };
  readonly output: { write(text: string): unknown };
}

/**
 * Reads a line without showing anything of it, however long it is: prompts that draw for every character need seconds
 * for a pasted pull secret. A pasted text may have many lines. @throws SecretRefused on Ctrl-C and at the end of input
 */
export async function readSecret({ input, output }: SecretStreams): Promise<string> {
  const line = new SecretLine();
  input.setRawMode?.(true);
  output.write(PASTE.on);
  try {
    return await new Promise((resolve, reject) => {
      const onData = (chunk: Buffer): void => {
        const state = line.add(chunk.toString('utf8'));
        if (state === 'open') return;
        stop();
        if (state === 'done') resolve(line.text);
        else refuse();
      };
      const onEnd = (): void => {
        stop();
        refuse();
      };
      const refuse = (): void => {
        output.write('\n');
        reject(new SecretRefused());
      };
      const stop = (): void => {
        input.off('data', onData).off('end', onEnd).pause();
      };
      input.on('data', onData).on('end', onEnd).resume();
    });
  } finally {
    output.write(PASTE.off);
    input.setRawMode?.(false);
  }
}

/** The line so far. Keys that move the cursor are nothing here: there is nothing to see. */
class SecretLine {
  text = '';
  #isPasting = false;
  /** The begin of a key's sequence that has not arrived whole. */
  #rest = '';

  add(chunk: string): 'open' | 'done' | 'refused' {
    const keys = splitKeys(this.#rest + chunk);
    this.#rest = keys.rest;
    for (const key of keys.whole) {
      if (key === PASTE.start) this.#isPasting = true;
      else if (key === PASTE.end) this.#isPasting = false;
      else if (ENTER.includes(key) && !this.#isPasting) return 'done';
      else if (key === CTRL_C || key === CTRL_D) return 'refused';
      else if (key === CTRL_U) this.text = '';
      else if (BACKSPACE.includes(key)) this.text = [...this.text].slice(0, -1).join('');
      else if (!key.startsWith('\x1b')) this.text += key;
    }
    return 'open';
  }
}

/** Characters, and escape sequences as one; a sequence that may go on is the rest. */
function splitKeys(text: string): { readonly whole: readonly string[]; readonly rest: string } {
  const rest = /\x1b(?:\[[\d;?]*)?$/.exec(text)?.[0] ?? '';
  const whole = text.slice(0, text.length - rest.length);
  return { whole: whole.match(/\x1b\[[\d;?]*[ -~]|\x1b[^[]|[^\x1b]/gu) ?? [], rest };
}
