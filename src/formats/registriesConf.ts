/** A place where images are fetched: `host[:port][/path]`. */
export interface RegistryEndpoint {
  readonly location: string;
  /** Plain HTTP and unverified TLS are allowed. */
  readonly insecure: boolean;
}

/** A `[[registry]]` of registries.conf: its mirrors are tried in order, then the location itself. */
export interface RegistryEntry extends RegistryEndpoint {
  /** Pull specs that begin with it are meant; mostly the location itself. */
  readonly prefix: string;
  readonly mirrors: readonly RegistryEndpoint[];
  /** Tags are asked of the location only. */
  readonly mirrorByDigestOnly?: true;
  /** Nothing may be fetched from there. */
  readonly blocked?: true;
}

interface Draft {
  prefix: string;
  location: string;
  insecure: boolean;
  mirrorByDigestOnly: boolean;
  blocked: boolean;
  mirrors: Draft[];
}

/**
 * Reads the `[[registry]]` tables of containers-registries.conf(5), version 2. Only `location`, `prefix`, `insecure`,
 * `blocked`, `mirror-by-digest-only` and mirrors count here; other keys and tables are passed over. Prefix and location stand for each other where one is absent.
 */
export function parseRegistriesConf(text: string): RegistryEntry[] {
  const found: Draft[] = [];
  let table: Draft | undefined;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const draft = (): Draft => ({
      ...{ prefix: '', location: '', insecure: false },
      ...{ mirrorByDigestOnly: false, blocked: false, mirrors: [] },
    });
    if (line.startsWith('[')) {
      const name = /^\[\[\s*([\w."-]+)\s*\]\]/.exec(line)?.[1];
      if (name === 'registry') {
        table = draft();
        found.push(table);
      } else if (name === 'registry.mirror' && found.length > 0) {
        table = draft();
        found.at(-1)!.mirrors.push(table);
      } else table = undefined;
      continue;
    }
    const assignment = /^([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(true|false))/.exec(line);
    if (assignment === null || table === undefined) continue;
    const [, key, double, single, bool] = assignment;
    const value = double ?? single ?? '';
    if (key === 'location') table.location = value;
    else if (key === 'prefix') table.prefix = value;
    else if (key === 'insecure') table.insecure = bool === 'true';
    else if (key === 'mirror-by-digest-only') table.mirrorByDigestOnly = bool === 'true';
    else if (key === 'blocked') table.blocked = bool === 'true';
  }
  return found
    .map((entry) => ({
      ...entry,
      location: entry.location || entry.prefix,
      prefix: entry.prefix || entry.location,
    }))
    .map(({ mirrors, mirrorByDigestOnly, blocked, ...entry }) => ({
      ...entry,
      mirrors: mirrors.map(endpointOf),
      ...(mirrorByDigestOnly && { mirrorByDigestOnly }),
      ...(blocked && { blocked }),
    }))
    .filter((entry) => entry.location !== '');
}

const endpointOf = ({ location, insecure }: Draft): RegistryEndpoint => ({ location, insecure });

/** Mirrors of a location, from which images are taken by digest only. */
export interface DigestMirrors {
  readonly location: string;
  readonly mirrors: readonly string[];
}

/** A registries.conf, version 2, whose mirrors serve digests only. Entries of one location become one, mirrors in order. */
export function renderRegistriesConf(entries: readonly DigestMirrors[]): string {
  const merged = new Map<string, string[]>();
  for (const { location, mirrors } of entries) {
    if (mirrors.length > 0) merged.set(location, [...(merged.get(location) ?? []), ...mirrors]);
  }
  const tables = [...merged].map(([location, mirrors]) =>
    [
      '[[registry]]',
      `location = ${JSON.stringify(location)}`,
      'mirror-by-digest-only = true',
      ...mirrors.flatMap((mirror) => ['', '[[registry.mirror]]', `location = ${JSON.stringify(mirror)}`]),
      '',
    ].join('\n'),
  );
  return tables.join('\n');
}
