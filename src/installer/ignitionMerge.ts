import { type IgnitionConfig, parseIgnition } from '#api/ignition.ts';
import { Failure } from '#base/failure.ts';
import { renderProblem } from '#base/report.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** By which member the entries of a list are the same thing. Lists that are not here are joined, equal texts once. */
const KEYS: Readonly<Record<string, string>> = {
  'ignition.config.merge': 'source',
  'ignition.security.tls.certificateAuthorities': 'source',
  'passwd.users': 'name',
  'passwd.groups': 'name',
  'storage.disks': 'device',
  'storage.disks.partitions': 'number',
  'storage.raid': 'name',
  'storage.filesystems': 'device',
  'storage.luks': 'name',
  'storage.files': 'path',
  'storage.directories': 'path',
  'storage.links': 'path',
  'systemd.units': 'name',
  'systemd.units.dropins': 'name',
};

/** These share one name space: a later entry of any of them takes the place of an earlier one of another. */
const NODE_LISTS = ['files', 'directories', 'links'];

/**
 * The config with a user's `ignitionConfigOverride` merged into it by Ignition's rules for a child config
 * (specification 3.2): members of the override win, entries of lists are matched by their names.
 *
 * @throws Failure installer/ignition-override
 */
export function overrideIgnition(config: IgnitionConfig, override: string): IgnitionConfig {
  if (override === '') return config;
  const child = parseIgnition(override);
  if (!child.ok) {
    throw new Failure({
      code: 'installer/ignition-override',
      message: `failed to override ignition config: failed to parse ignition config override: ${child.report.map(renderProblem).join(', ')}`,
      hint: 'ignitionConfigOverride must be an Ignition config of version 3.0.0 to 3.2.0 as JSON text',
    });
  }
  const merged = mergeMappings(
    withoutReplacedNodes(config, child.value),
    child.value as unknown as Mapping,
    '',
  );
  return {
    ...merged,
    ignition: { ...(merged['ignition'] as Mapping), version: config.ignition.version },
  } as IgnitionConfig;
}

function mergeMappings(parent: Mapping, child: Mapping, path: string): Mapping {
  const result: Record<string, unknown> = { ...parent };
  for (const [name, value] of Object.entries(child)) {
    if (value === null) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const before = parent[name];
    if (Array.isArray(before) && Array.isArray(value)) result[name] = mergeLists(before, value, at);
    else if (isMapping(before) && isMapping(value)) result[name] = mergeMappings(before, value, at);
    else result[name] = value;
  }
  return result;
}

function mergeLists(parent: readonly unknown[], child: readonly unknown[], path: string): unknown[] {
  const key = KEYS[path];
  if (key === undefined) return [...parent, ...child.filter((item) => !parent.includes(item))];
  const result = [...parent];
  for (const item of child) {
    const index = result.findIndex(
      (other) => nameOf(other, key) !== undefined && nameOf(other, key) === nameOf(item, key),
    );
    if (index < 0) result.push(item);
    else result[index] = mergeMappings(result[index] as Mapping, item as Mapping, path);
  }
  return result;
}

function withoutReplacedNodes(parent: IgnitionConfig, child: IgnitionConfig): Mapping {
  const storage = { ...parent.storage } as Record<string, unknown>;
  for (const list of NODE_LISTS) {
    if (!Array.isArray(storage[list])) continue;
    const others = NODE_LISTS.filter((other) => other !== list).flatMap((other) =>
      entriesOf(child.storage[other]),
    );
    const paths = new Set(others.map((node) => node['path']));
    storage[list] = entriesOf(storage[list]).filter((node) => !paths.has(node['path']));
  }
  return { ...parent, storage } as unknown as Mapping;
}

const entriesOf = (list: unknown): Mapping[] => (Array.isArray(list) ? list.filter(isMapping) : []);

const nameOf = (item: unknown, key: string): unknown => (isMapping(item) ? item[key] : undefined);

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
