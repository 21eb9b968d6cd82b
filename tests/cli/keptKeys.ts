import type { KeyObject } from 'node:crypto';
import { generateKey, type KeySpec, keySpecName } from '#pki/keys.ts';

/** More than any command needs, so that no run gets a key twice. */
const KEPT = 40;
const kept = new Map<string, Promise<KeyObject>[]>();
const asked = new Map<string, number>();

/** Real keys, of which later runs get those of earlier ones again: making them is most of a run's work. */
export function keptKey(spec: KeySpec): Promise<KeyObject> {
  const name = keySpecName(spec);
  const keys = kept.get(name) ?? [];
  const turn = asked.get(name) ?? 0;
  kept.set(name, keys);
  asked.set(name, turn + 1);
  keys[turn % KEPT] ??= generateKey(spec);
  return keys[turn % KEPT]!;
}
