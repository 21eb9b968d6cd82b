import { Failure } from '#base/failure.ts';
import { findEtcdRecord, isEtcdDatabase } from './etcdDatabase.ts';
import { visitLayers } from './layers.ts';
import { Matcher } from './matcher.ts';
import type { Place } from './places.ts';
import type { OldSecret, SecretKind } from './secret.ts';

/** One old secret in one place. */
export interface LeftOver {
  readonly kind: SecretKind;
  readonly fingerprint: string;
  /** Where the seed had it. */
  readonly source: string;
  readonly path: string;
  /** Byte offset in the file of the (outermost encoded) text it was found in. */
  readonly offset: number;
  /** `key@revision`, and ` (free page)` where etcd no longer serves it, for hits in etcd's database. */
  readonly etcdRecord?: string;
  /** `raw`, or the encodings around it, outermost first: `base64 > gzip`. */
  readonly encoding: string;
}

export interface ScanResult {
  readonly leftOvers: readonly LeftOver[];
  readonly files: number;
  readonly bytes: number;
}

/** Looks for every old secret in every place. Failure `lab/nothing-scanned` if there was nothing to look for or at. */
export function scanPlaces(places: Iterable<Place>, secrets: readonly OldSecret[]): ScanResult {
  const matcher = new Matcher(
    secrets.flatMap((secret, owner) => secret.windows.map((bytes) => ({ bytes, owner }))),
  );
  const leftOvers = new Map<string, LeftOver>();
  const files = new Set<string>();
  let bytes = 0;
  for (const place of places) {
    files.add(place.path);
    bytes += place.bytes.length;
    for (const leftOver of scanPlace(place, secrets, matcher)) {
      const { fingerprint, kind, path, etcdRecord, encoding } = leftOver;
      const id = [fingerprint, kind, path, etcdRecord, encoding].join(' ');
      if (!leftOvers.has(id)) leftOvers.set(id, leftOver);
    }
  }
  if (secrets.length === 0 || bytes === 0) throw nothingScanned(secrets.length, files.size);
  return { leftOvers: [...leftOvers.values()], files: files.size, bytes };
}

function scanPlace(place: Place, secrets: readonly OldSecret[], matcher: Matcher): LeftOver[] {
  const leftOvers: LeftOver[] = [];
  const isDatabase = isEtcdDatabase(place.bytes);
  visitLayers(place.bytes, (layer) => {
    for (const match of matcher.find(layer.bytes)) {
      const { kind, fingerprint, source } = secrets[match.owner]!;
      const offset = layer.encodings.length === 0 ? match.offset : layer.offset;
      const record = isDatabase ? findEtcdRecord(place.bytes, offset) : undefined;
      leftOvers.push({
        kind,
        fingerprint,
        source,
        path: place.path,
        offset: place.offset + offset,
        ...(record && {
          etcdRecord: `${record.key}@${record.revision}${record.kept ? '' : ' (free page)'}`,
        }),
        encoding: layer.encodings.join(' > ') || 'raw',
      });
    }
  });
  return leftOvers;
}

const nothingScanned = (secrets: number, files: number): Failure =>
  new Failure({
    code: 'lab/nothing-scanned',
    message: `${secrets} secrets to look for in ${files} files: an empty scan proves nothing`,
    hint: 'name the trees of the seed for "collect", and those of the clone for "scan"',
  });
