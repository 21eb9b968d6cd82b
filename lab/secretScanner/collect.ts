import { extractTraits } from './extract.ts';
import type { Trait } from './keyMaterial.ts';
import type { Place } from './places.ts';
import { type OldSecret, oldSecret } from './secret.ts';

/**
 * The secrets of a seed, from the raw bytes of its files (etcd's own files among them).
 * `external` is text or DER with the certificates of authorities that don't belong to the cluster: they and their keys stay
 * valid in a clone and are left out.
 */
export function collectSecrets(places: Iterable<Place>, external: readonly Buffer[] = []): OldSecret[] {
  const excluded = traitIds(external.flatMap((bytes) => extractTraits(bytes)));
  const secrets = new Map<string, OldSecret>();
  for (const place of places) {
    for (const trait of extractTraits(place.bytes)) {
      const secret = oldSecret(trait.kind, place.path, trait.distinctive);
      if (secret === undefined || excluded.has(idOf(secret)) || secrets.has(idOf(secret))) continue;
      secrets.set(idOf(secret), secret);
    }
  }
  return [...secrets.values()];
}

function traitIds(traits: readonly Trait[]): Set<string> {
  const secrets = traits.flatMap((trait) => oldSecret(trait.kind, 'external', trait.distinctive) ?? []);
  return new Set(secrets.map(idOf));
}

const idOf = (secret: OldSecret): string => `${secret.kind} ${secret.fingerprint}`;
