import { setImmediate as turn } from 'node:timers/promises';
import { type EncryptionKey, isSealed, openValue } from '#k8s/encryption.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Files } from '#system/host.ts';
import { type Needle, NeedleSearch } from './needles.ts';
import { type NodePaths, readNodeFiles } from './nodeFiles.ts';

/** Something old at a place where it should no longer be. */
export interface Leftover {
  readonly place: string;
  readonly what: string;
}

/** Reads everything again and looks for what the run replaced; `keys` open what is encrypted at rest. */
export async function findLeftovers(search: {
  needles: readonly Needle[];
  keys: readonly EncryptionKey[];
  etcd: Etcd | undefined;
  files: Files;
  paths: NodePaths;
}): Promise<Leftover[]> {
  const { keys, etcd, files, paths } = search;
  if (search.needles.length === 0) return [];
  const needles = new NeedleSearch(search.needles);
  const leftovers: Leftover[] = [];
  const look = (place: string, bytes: Buffer) => {
    for (const what of needles.find(bytes)) leftovers.push({ place, what });
  };
  const entries = (await etcd?.readAll('/'))?.entries ?? [];
  for (const [index, { key, value }] of entries.entries()) {
    const plain = isSealed(value) ? openValue(value, key, keys) : value;
    if (plain === undefined)
      leftovers.push({ place: `etcd ${key}`, what: 'a value under an old encryption key' });
    else look(`etcd ${key}`, plain);
    if (index % 100 === 99) await turn();
  }
  for (const file of (await readNodeFiles(files, paths)).values())
    if (file.hasCrypto) look(file.path, file.content);
  return leftovers;
}
