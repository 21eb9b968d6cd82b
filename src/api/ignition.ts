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
  contents: {
    source: `data:text/plain;charset=utf-8;base64,${Buffer.from(content as Uint8Array).toString('base64')}`,
    verification: {},
  },
  mode,
});

export const renderIgnition = (config: IgnitionConfig): string => JSON.stringify(config);

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
