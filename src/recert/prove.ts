import { Failure } from '#base/failure.ts';
import { ownBytes } from '#base/ownBytes.ts';
import { type EncryptionKey, isSealed, openValue } from '#k8s/encryption.ts';
import { parseResource, type Resource } from '#k8s/resource.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Files } from '#system/host.ts';
import { Inventory } from './inventory.ts';
import { NeedleSearch } from './needleSearch.ts';
import type { Needle } from './needles.ts';
import { type NodePaths, readNodeFiles } from './nodeFiles.ts';
import { objectPath } from './objectPath.ts';
import { relate } from './relate.ts';
import { externalCertificates, namesExternal, scanFile, scanResource } from './scan.ts';
import { findDefects } from './soundness.ts';

const SHOWN = 20;

/** Something old at a place where it should no longer be. */
export interface Leftover {
  readonly place: string;
  readonly what: string;
}

/** What is found when everything is read again; a run is good when both are empty. */
export interface Proof {
  readonly leftovers: readonly Leftover[];
  /** See findDefects. */
  readonly defects: readonly string[];
}

/** Looks for what a run replaced, and checks what is there now; `keys` open what is encrypted at rest. */
export async function prove(search: {
  needles: readonly Needle[];
  keys: readonly EncryptionKey[];
  etcd: Etcd | undefined;
  files: Files;
  paths: NodePaths;
}): Promise<Proof> {
  const { keys, etcd, files, paths } = search;
  const needles = new NeedleSearch(search.needles);
  const leftovers: Leftover[] = [];
  const look = (place: string, bytes: Buffer) => {
    for (const what of needles.find(bytes)) leftovers.push({ place, what });
  };
  const inventory = new Inventory(new Set());
  const namers = new Map<string, Resource>();
  await etcd?.readAll('/', ({ key, value }) => {
    const plain = isSealed(value) ? openValue(value, key, keys) : value;
    if (plain === undefined)
      leftovers.push({ place: `etcd ${key}`, what: 'a value under an old encryption key' });
    else {
      look(`etcd ${key}`, plain);
      const resource = parseResource(key, plain);
      scanResource(inventory, resource);
      const path = objectPath(key);
      if (namesExternal(path)) namers.set(path, { ...resource, value: ownBytes(plain) });
    }
    return false;
  });
  for (const file of (await readNodeFiles(files, paths)).values()) {
    if (file.hasCrypto) look(file.path, file.content);
    scanFile(inventory, file);
  }
  inventory.forget(externalCertificates((path) => namers.get(path)));
  return { leftovers, defects: findDefects(relate(inventory)) };
}

/** What is wrong by the proof, if anything. */
export function proofFailure({ leftovers, defects }: Proof): Failure | undefined {
  if (leftovers.length > 0) return leftoverFailure(leftovers);
  return defects.length > 0 ? defectFailure(defects) : undefined;
}

function leftoverFailure(leftovers: readonly Leftover[]): Failure {
  return new Failure({
    code: 'recert/leftover',
    message: `old material is left: ${listed(leftovers.map(({ place, what }) => `${what} in ${place}`))}`,
    hint: 'these places are written in a form that recert does not read; remove them by hand and run again',
    facts: { leftovers },
  });
}

const defectFailure = (defects: readonly string[]): Failure =>
  new Failure({
    code: 'recert/unsound',
    message: `keys and certificates do not fit together: ${listed(defects)}`,
    hint: 'components of the cluster will not trust each other; restore etcd and the files from a backup',
    facts: { defects },
  });

function listed(all: readonly string[]): string {
  const more = all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '';
  return `${all.slice(0, SHOWN).join('; ')}${more}`;
}
