import { Failure } from './failure.ts';

/** One line of a journal. A step that has a `start` and no `end` was interrupted. */
export interface JournalEntry {
  readonly step: string;
  readonly event: 'start' | 'end';
  /** Digest of the inputs the step ran with. */
  readonly input: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Where a journal lives; `append` returns only when the line is on stable storage. Made in `system`. */
export interface JournalStore {
  lines(): Promise<readonly string[]>;
  append(line: string): Promise<void>;
}

/**
 * The record of which steps of a flow have completed, for steps whose effect can't be observed in the world.
 * A torn last line (power cut while appending) counts as not written.
 */
export class Journal {
  readonly #store: JournalStore;
  readonly #now: () => Date;
  readonly #completed: Map<string, string>;

  private constructor(store: JournalStore, now: () => Date, completed: Map<string, string>) {
    this.#store = store;
    this.#now = now;
    this.#completed = completed;
  }

  static async open(store: JournalStore, now: () => Date): Promise<Journal> {
    const completed = new Map<string, string>();
    const lines = await store.lines();
    for (const [index, line] of lines.entries()) {
      const entry = parseEntry(line);
      if (entry === undefined) {
        if (index === lines.length - 1) break;
        throw new Failure({
          code: 'base/journal-unreadable',
          message: `journal line ${index + 1} is not a journal entry`,
          hint: 'the file was changed by hand or by another program; restore it, or remove it to start over',
        });
      }
      if (entry.event === 'end') completed.set(entry.step, entry.input);
    }
    return new Journal(store, now, completed);
  }

  /** True if the step completed with the same input; a changed input stops the flow and says so. */
  isDone(step: string, input: string): boolean {
    const before = this.#completed.get(step);
    if (before === undefined) return false;
    if (before !== input) {
      throw new Failure({
        code: 'base/input-changed',
        message: `step "${step}" completed earlier with another input`,
        hint: 'finish the earlier run with its own configuration, or clear its work directory and start over',
      });
    }
    return true;
  }

  async start(step: string, input: string): Promise<void> {
    await this.#write({ step, event: 'start', input, at: this.#now().toISOString() });
  }

  async end(step: string, input: string): Promise<void> {
    await this.#write({ step, event: 'end', input, at: this.#now().toISOString() });
    this.#completed.set(step, input);
  }

  async #write(entry: JournalEntry): Promise<void> {
    await this.#store.append(JSON.stringify(entry));
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<JournalEntry>;
    const ok =
      typeof entry.step === 'string' &&
      (entry.event === 'start' || entry.event === 'end') &&
      typeof entry.input === 'string' &&
      typeof entry.at === 'string';
    return ok ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
