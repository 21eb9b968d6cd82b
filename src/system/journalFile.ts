import type { JournalStore } from '#base/journal.ts';
import type { Files } from './host.ts';

/** A journal in a file of JSON lines; the file is made with the first line. */
export function journalFile(files: Files, path: string): JournalStore {
  return {
    lines: async () => {
      const text = (await files.readIfExists(path))?.toString('utf8') ?? '';
      return text.split('\n').filter((line) => line !== '');
    },
    append: (line) => files.appendLine(path, line),
  };
}
