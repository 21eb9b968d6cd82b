import { setImmediate as turn } from 'node:timers/promises';
import type { Etcd } from '#system/etcd.ts';
import type { Files } from '#system/host.ts';
import { type Needle, NeedleSearch } from './needles.ts';
import { type NodePaths, readNodeFiles } from './nodeFiles.ts';

/** Something old at a place where it should no longer be. */
export interface Leftover {
  readonly place: string;
  readonly what: string;
}

/** Reads everything again and looks for what the run replaced. */
export async function findLeftovers(
  needles: readonly Needle[],
  etcd: Etcd | undefined,
  files: Files,
  paths: NodePaths,
): Promise<Leftover[]> {
  if (needles.length === 0) return [];
  const search = new NeedleSearch(needles);
  const leftovers: Leftover[] = [];
  const look = (place: string, bytes: Buffer) => {
    for (const what of search.find(bytes)) leftovers.push({ place, what });
  };
  const entries = (await etcd?.readAll('/'))?.entries ?? [];
  for (const [index, { key, value }] of entries.entries()) {
    look(`etcd ${key}`, value);
    if (index % 100 === 99) await turn();
  }
  for (const file of (await readNodeFiles(files, paths)).values())
    if (file.hasCrypto) look(file.path, file.content);
  return leftovers;
}
