/**
 * One stanza of an apt source list: Debian's archive, reduced to its `main` component.
 * `options` are deb822 fields such as `Signed-By`, with their continuation lines.
 */
export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

const KEPT_OPTIONS = ['Signed-By', 'Trusted', 'Check-Valid-Until', 'Allow-Insecure'];

/** Parses one file of /etc/apt: `name` decides between deb822 (`*.sources`) and the one-line form (sources.list(5)). */
export function parseAptSources(name: string, text: string, codename: string): AptSource[] {
  const all = name.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);
  const suites = new Set(['', '-updates', '-security'].map((pocket) => codename + pocket));
  return all
    .map((source) => ({ ...source, suites: source.suites.filter((suite) => suites.has(suite)) }))
    .filter((source) => source.components.includes('main') && source.suites.length > 0)
    .map(({ uris, suites: kept, options }) => ({ uris, suites: kept, options }));
}

/** The same sources as one deb822 file, for binary packages (`deb`) or source packages (`deb-src`). */
export function renderAptSources(sources: readonly AptSource[], type: 'deb' | 'deb-src'): string {
  return sources
    .map(({ uris, suites, options }) =>
      [
        `Types: ${type}`,
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        'Components: main',
        ...Object.entries(options).map(([field, value]) => `${field}: ${value}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}

type AnySource = AptSource & { readonly components: readonly string[] };

function parseDeb822(text: string): AnySource[] {
  const stanzas = text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map(fieldsOf);
  return stanzas.flatMap((fields) => {
    const words = (field: string) => (fields.get(field) ?? '').split(/\s+/).filter((word) => word !== '');
    if (!words('types').includes('deb') || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? '')) return [];
    const options = KEPT_OPTIONS.flatMap((option) => {
      const value = fields.get(option.toLowerCase());
      return value === undefined ? [] : [[option, value] as const];
    });
    return [
      {
        uris: words('uris'),
        suites: words('suites'),
        components: words('components'),
        options: Object.fromEntries(options),
      },
    ];
  });
}

/** Field names in lower case, values with their continuation lines as they stand. */
function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of stanza.split('\n')) {
    const field = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line);
    if (field !== null) {
      last = field[1]!.toLowerCase();
      fields.set(last, field[2]!.trimEnd());
    } else if (/^\s/.test(line) && last !== undefined) {
      fields.set(last, `${fields.get(last)}\n${line.trimEnd()}`);
    }
  }
  return fields;
}

function parseOneLine(text: string): AnySource[] {
  return text.split('\n').flatMap((line) => {
    const entry = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (entry === null) return [];
    const [, optionText = '', uri, suite, components] = entry;
    return [
      {
        uris: [uri!],
        suites: [suite!],
        components: components!.split(/\s+/).filter((word) => word !== ''),
        options: oneLineOptions(optionText),
      },
    ];
  });
}

function oneLineOptions(text: string): Record<string, string> {
  const pairs = text.split(/\s+/).flatMap((word) => {
    const [name, value] = word.split('=');
    const option = KEPT_OPTIONS.find((known) => known.toLowerCase() === name?.toLowerCase());
    return option === undefined || value === undefined ? [] : [[option, value.replaceAll(',', ' ')] as const];
  });
  return Object.fromEntries(pairs);
}
