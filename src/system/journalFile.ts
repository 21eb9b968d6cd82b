import type { JournalStore } from '#base/journal.ts';
import type { Files } from './host.ts';

/**
 * A journal in a file of JSON lines; the file is made with the first line. What a power cut has left of a last line is
 * removed, so that the next one does not become a part of it.
 */
export function journalFile(files: Files, path: string): JournalStore {
  return {
    lines: async () => {
      const text = (await files.readIfExists(path))?.toString('utf8') ?? '';
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole !== text) await files.write(path, whole, { mode: 0o600 });
      return whole.split('\n').filter((line) => line !== '');
    },
    append: (line) => files.appendLine(path, line),
  };
}
