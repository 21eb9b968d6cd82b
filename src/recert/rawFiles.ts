import { posix } from 'node:path';
import type { Files } from '#system/host.ts';
import type { NeedleSearch } from './needleSearch.ts';
import type { Leftover } from './prove.ts';

const CHUNK = 4 << 20;
/** Longer than anything that is looked for, encoded once or twice. */
const OVERLAP = 64 << 10;

/** Looks into the bytes of every regular file below the directories, of any size, whatever they are; no links are followed. */
export async function searchRawFiles(
  files: Files,
  directories: readonly string[],
  needles: NeedleSearch,
): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const directory of directories)
    for await (const { path, size } of walk(files, directory)) {
      const found = new Set<string>();
      for (let offset = 0; offset < size; offset += CHUNK) {
        const bytes = await files.readAt(path, offset, CHUNK + OVERLAP);
        for (const what of needles.find(bytes)) found.add(what);
      }
      for (const what of found) leftovers.push({ place: path, what });
    }
  return leftovers;
}

async function* walk(files: Files, directory: string): AsyncGenerator<{ path: string; size: number }> {
  for (const name of await files.list(directory)) {
    const path = posix.join(directory, name);
    const facts = await files.facts(path);
    if (facts?.kind === 'directory') yield* walk(files, path);
    if (facts?.kind === 'file') yield { path, size: facts.size };
  }
}
