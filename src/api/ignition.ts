import { type Parsed, parsed, problem, refused } from '#base/report.ts';

/** The version of the Ignition specification that is written. */
export const IGNITION_VERSION = '3.2.0';
/** Older minor versions have the same fields, or fewer. */
const READABLE_VERSIONS = ['3.0.0', '3.1.0', '3.2.0'];

/** A file that Ignition writes. `contents.source` is a URL, here always a data URL. */
export interface IgnitionFile {
  readonly group: Readonly<Record<never, never>>;
  readonly overwrite: boolean;
  readonly path: string;
  readonly user: { readonly name: string };
  readonly contents: { readonly source: string; readonly verification: Readonly<Record<never, never>> };
  readonly mode: number;
}

export interface IgnitionUnit {
  readonly contents: string;
  /** Absent: presets decide. */
  readonly enabled?: boolean;
  readonly name: string;
}

/** An Ignition config of version 3.2, as far as it is written here; sections of others are passed on as they are. */
export interface IgnitionConfig {
  readonly ignition: Readonly<Record<string, unknown>> & { readonly version: string };
  readonly passwd: Readonly<Record<string, unknown>>;
  readonly storage: IgnitionStorage;
  readonly systemd: { readonly units?: readonly IgnitionUnit[] };
}

type IgnitionStorage = Readonly<Record<string, unknown>> & { readonly files?: readonly IgnitionFile[] };

/** Config whose `ignition` section has the empty members that upstream's serialisation writes (spec/additions 1). */
export const emptyIgnition = (): IgnitionConfig => ({
  ignition: {
    config: { replace: { verification: {} } },
    proxy: {},
    security: { tls: {} },
    timeouts: {},
    version: IGNITION_VERSION,
  },
  passwd: {},
  storage: {},
  systemd: {},
});

/** A file with text as content, owned by root, that replaces one that is there. */
export const ignitionFile = (path: string, mode: number, content: string | Uint8Array): IgnitionFile => ({
  group: {},
  overwrite: true,
  path,
  user: { name: 'root' },
  contents: { source: dataUrlOf(content), verification: {} },
  mode,
});

/** A data URL as upstream writes it: the media type is what Go's net/http makes of the content. */
export function dataUrlOf(content: string | Uint8Array): string {
  const bytes = Buffer.from(content as Uint8Array);
  return `data:${mediaTypeOf(bytes)};base64,${bytes.toString('base64')}`;
}

/** What a data URL holds; undefined for other URLs and for bad encodings. */
export function contentOfDataUrl(url: string): Buffer | undefined {
  const [, base64, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
  if (data === undefined) return undefined;
  try {
    const text = decodeURIComponent(data);
    return base64 === undefined ? Buffer.from(text) : Buffer.from(text, 'base64');
  } catch {
    return undefined;
  }
}

/** Go looks at no more than this much of a content. */
const SNIFFED_LENGTH = 512;
const GZIP_START = Buffer.from([0x1f, 0x8b, 0x08]);
/** Controls that no text has; tab, line feed, form feed, carriage return and escape are allowed. */
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/** Media types of Go's table are told apart only as far as files of a cluster can have them. */
function mediaTypeOf(bytes: Buffer): string {
  if (bytes.subarray(0, GZIP_START.length).equals(GZIP_START)) return 'application/x-gzip';
  const start = bytes.subarray(0, SNIFFED_LENGTH).toString('latin1');
  if (/^[\t\n\f\r ]*<\?xml/.test(start)) return 'text/xml;charset=utf-8';
  return BINARY.test(start) ? 'application/octet-stream' : 'text/plain;charset=utf-8';
}

/** JSON as the installation ISO has it: with the empty members of `emptyIgnition` and `ignitionFile`. */
export const renderIgnition = (config: IgnitionConfig): string => JSON.stringify(config);

/** JSON as `.ign` files have it: without empty members (spec/installer/06.1). */
export const renderSparseIgnition = (config: object): string => JSON.stringify(withoutEmptyMembers(config));

/** The value without members that are absent, null or an empty mapping or list; what becomes empty goes too. */
export function withoutEmptyMembers<T extends object>(value: T): T {
  return sparse(value) as T;
}

function sparse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sparse);
  if (!isMapping(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, sparse(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Lists of a config that are merged, and whose members are mappings. */
const LISTS: readonly (readonly [section: string, lists: readonly string[]])[] = [
  ['passwd', ['users', 'groups']],
  ['storage', ['disks', 'raid', 'filesystems', 'luks', 'files', 'directories', 'links']],
  ['systemd', ['units']],
];

/**
 * Reads an Ignition config of versions 3.0 to 3.2 that a user wrote. Its text may hold secrets and is not quoted.
 * Members of entries are not checked here: Ignition does it.
 */
export function parseIgnition(text: string): Parsed<IgnitionConfig> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refused([problem('', 'config is not valid')]);
  }
  if (!isMapping(document)) return refused([problem('', 'config is not valid')]);
  const { ignition = {}, passwd = {}, storage = {}, systemd = {} } = document;
  const version = isMapping(ignition) ? ignition['version'] : undefined;
  if (typeof version !== 'string' || !READABLE_VERSIONS.includes(version)) {
    return refused([problem('', 'unsupported config version')]);
  }
  const sections: Readonly<Record<string, unknown>> = { passwd, storage, systemd };
  const problems = LISTS.flatMap(([name, lists]) => {
    const section = sections[name];
    if (!isMapping(section)) return [problem('', `config is not valid: ${name} is no mapping`)];
    return lists
      .filter((list) => section[list] !== undefined && !isListOfMappings(section[list]))
      .map((list) => problem('', `config is not valid: ${name}.${list} is no list of mappings`));
  });
  if (problems.length > 0) return refused(problems);
  return parsed({ ignition, passwd, storage, systemd } as IgnitionConfig);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isListOfMappings = (value: unknown): boolean => Array.isArray(value) && value.every(isMapping);
