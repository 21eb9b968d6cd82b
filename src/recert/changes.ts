import { createHash } from 'node:crypto';
import { editLeaves } from '#k8s/leaves.ts';
import type { Resource } from '#k8s/resource.ts';
import { certificateFingerprint } from '#pki/certificate.ts';
import { keyFingerprint } from '#pki/keys.ts';
import type { Deed } from './applyRules.ts';
import { type Location, renderLocation } from './location.ts';
import type { Regenerated } from './regenerate.ts';
import type { CryptoGraph } from './relate.ts';

/** One value that a run changes. Of the values themselves there is nothing but SHA-256 fingerprints (hex). */
export interface Change {
  /** Key in etcd, or path of a file, before the run. */
  readonly target: string;
  /** JSON pointer of the value in the object; empty for the whole object or file. */
  readonly field: string;
  /** `renew-certificate`, `renew-key`, `resign-token`, or the name of a renaming rule. */
  readonly rule: string;
  /** What it is, where it is crypto, and in which encodings it lies there. */
  readonly what?: string;
  /** Null: there was none. */
  readonly old: string | null;
  /** Null: it is removed. */
  readonly new: string | null;
  /** The new key or path of what is renamed. */
  readonly renamedTo?: string;
}

/** Every place of every key, certificate and token that gets a new value. */
export function cryptoChanges({ inventory }: CryptoGraph, regenerated: Regenerated): Change[] {
  const changes: Change[] = [];
  const add = (
    locations: readonly Location[],
    change: Pick<Change, 'rule' | 'what' | 'old' | 'new'>,
  ): void => {
    if (change.old === change.new) return;
    for (const location of locations) {
      const { holder } = location;
      const place = holder.type === 'file' ? [holder.path, ''] : [holder.key, holder.pointer];
      const what = `${change.what}, ${renderLocation(location)}`;
      changes.push({ target: place[0]!, field: place[1]!, ...change, what });
    }
  };
  for (const found of inventory.certificates.values()) {
    const renewed = regenerated.certificates.get(found);
    if (renewed === undefined) continue;
    const what = `certificate "${found.certificate.subject.friendly}"`;
    const fresh = certificateFingerprint(renewed);
    add(found.locations, { rule: 'renew-certificate', what, old: found.fingerprint, new: fresh });
  }
  for (const found of inventory.keyPairs.values()) {
    const key = regenerated.keys.get(found);
    if (key === undefined) continue;
    const renewal = { rule: 'renew-key', old: found.fingerprint, new: keyFingerprint(key) };
    add(found.privateLocations, { ...renewal, what: 'private key' });
    add(found.publicLocations, { ...renewal, what: 'public key' });
  }
  for (const found of inventory.tokens.values()) {
    const signed = regenerated.tokens.get(found.token);
    if (signed === undefined) continue;
    const what = `token of ${String(found.jwt.payload['sub'] ?? 'an unknown subject')}`;
    const signature = { old: fingerprint(found.token), new: fingerprint(signed) };
    add(found.locations, { rule: 'resign-token', what, ...signature });
  }
  return changes;
}

/** Every value that a renaming rule changes, adds or removes. */
export const ruleChanges = (deeds: readonly Deed[]): Change[] =>
  deeds.flatMap(({ rule, target, before, after, renamedTo }) => {
    const renamed = renamedTo === undefined ? {} : { renamedTo };
    return differences(before, after).map((difference) => ({ target, rule, ...difference, ...renamed }));
  });

type Difference = Pick<Change, 'field' | 'old' | 'new'>;

function differences(before: Deed['before'], after: Deed['after']): Difference[] {
  const whole = { field: '', old: fingerprintOf(before), new: fingerprintOf(after) };
  if (before === undefined || after === undefined || Buffer.isBuffer(before) || Buffer.isBuffer(after))
    return [whole];
  const old = leavesOf(before);
  const fresh = leavesOf(after);
  const fields = [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (field) => old.get(field) !== fresh.get(field),
  );
  // Numbers and structure are no leaves.
  if (fields.length === 0) return [whole];
  return fields.map((field) => ({ field, old: old.get(field) ?? null, new: fresh.get(field) ?? null }));
}

function leavesOf(resource: Resource): Map<string, string> {
  const leaves = new Map<string, string>();
  editLeaves(resource, (value, pointer) => {
    leaves.set(pointer, fingerprint(value));
    return undefined;
  });
  return leaves;
}

function fingerprintOf(value: Resource | Buffer | undefined): string | null {
  if (value === undefined) return null;
  return fingerprint(Buffer.isBuffer(value) ? value : value.value);
}

const fingerprint = (value: string | Uint8Array): string => createHash('sha256').update(value).digest('hex');

/** The report as a JSON document. */
export const renderReport = (changes: readonly Change[]): string =>
  `${JSON.stringify({ changes }, undefined, 2)}\n`;
