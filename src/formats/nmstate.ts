import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { type Parsed, type Problem, parsed, problem, refused } from '#base/report.ts';
import { type KeyfileSection, renderKeyfile } from './nmKeyfile.ts';

/** A NetworkManager connection made of one interface of an nmstate document. */
export interface NmConnection {
  /** `<interface>.nmconnection` */
  readonly fileName: string;
  readonly text: string;
}

type Mapping = Readonly<Record<string, unknown>>;
type Family = 'ipv4' | 'ipv6';

interface Route {
  readonly destination: string;
  readonly interface: string;
  readonly gateway: string;
  readonly metric: number | undefined;
  readonly table: number | undefined;
}

interface Network {
  readonly interfaces: readonly Mapping[];
  readonly routes: readonly Route[];
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

/**
 * Renders an nmstate document to keyfiles, for hosts without nmstatectl: Ethernet interfaces with static or automatic
 * addresses, DNS and routes. Anything else (bonds, VLANs, bridges, rules) is a problem that says so, never ignored.
 */
export function renderNmstate(text: string): Parsed<NmConnection[]> {
  let document: unknown;
  try {
    document = parse(text, { logLevel: 'error' }); // a warning would quote the text
  } catch {
    return refused([problem('', 'is not YAML')]);
  }
  if (!isMapping(document)) return refused([problem('', 'expected a mapping')]);
  const { connections, findings } = renderDocument(document);
  return findings.length > 0 ? refused(findings.map((finding) => finding.problem)) : parsed(connections);
}

/** What nmstate would refuse too; what only {@link renderNmstate} can't do is no problem here. */
export const nmstateProblems = (document: Mapping): Problem[] =>
  renderDocument(document).findings.flatMap(({ problem: found, isLimit }) => (isLimit ? [] : [found]));

/** Something that can't be rendered: because it is wrong, or because it is a limit of ours. */
interface Finding {
  readonly problem: Problem;
  readonly isLimit: boolean;
}

const wrong = (path: string, message: string): Finding => ({
  problem: problem(path, message),
  isLimit: false,
});
const limit = (path: string, message: string): Finding => ({
  problem: problem(path, message),
  isLimit: true,
});

function renderDocument(document: Mapping): { connections: NmConnection[]; findings: Finding[] } {
  const findings = unknownMembers('', document, ['interfaces', 'routes', 'dns-resolver', 'hostname']);
  const network = readNetwork(document, findings);
  const connections = network.interfaces.map((item, index) =>
    renderInterface(item, { path: `interfaces[${index}]`, network, findings }),
  );
  return { connections, findings };
}

function readNetwork(document: Mapping, findings: Finding[]): Network {
  const dns = mappingAt(mappingAt(document, 'dns-resolver'), 'config');
  const routes = listAt(mappingAt(document, 'routes'), 'config').map((route, index): Route => {
    const at = isMapping(route) ? route : {};
    const destination = textAt(at, 'destination');
    const name = textAt(at, 'next-hop-interface');
    if (destination === '' || name === '') {
      // A route that is removed, or leads nowhere, needs less.
      const isPlain = at['state'] === undefined && at['route-type'] === undefined;
      const tell = isPlain ? wrong : limit;
      findings.push(tell(`routes.config[${index}]`, 'needs destination and next-hop-interface'));
    }
    return {
      destination,
      interface: name,
      gateway: textAt(at, 'next-hop-address'),
      metric: numberAt(at, 'metric'),
      table: numberAt(at, 'table-id'),
    };
  });
  return {
    interfaces: listAt(document, 'interfaces').filter(isMapping),
    routes,
    servers: listAt(dns, 'server').map(String),
    search: listAt(dns, 'search').map(String),
  };
}

interface Place {
  readonly path: string;
  readonly network: Network;
  readonly findings: Finding[];
}

const KNOWN_MEMBERS = [
  ...['name', 'type', 'state', 'description', 'identifier', 'mac-address', 'mtu', 'ipv4', 'ipv6'],
  ...['profile-name', 'accept-all-mac-addresses', 'ethernet', 'lldp', 'wait-ip'],
];

function renderInterface(item: Mapping, { path, network, findings }: Place): NmConnection {
  const name = textAt(item, 'name');
  const type = textAt(item, 'type') || 'ethernet';
  const state = textAt(item, 'state') || 'up';
  findings.push(...unknownMembers(path, item, KNOWN_MEMBERS));
  if (!/^[\w.:-]{1,64}$/.test(name))
    findings.push((name === '' ? wrong : limit)(`${path}.name`, 'must be the name of an interface'));
  if (type !== 'ethernet')
    findings.push(limit(`${path}.type`, `"${type}" needs nmstatectl, which this host does not have`));
  if (state !== 'up') findings.push(limit(`${path}.state`, `"${state}" needs nmstatectl`));
  const byMac = textAt(item, 'identifier') === 'mac-address';
  const mac = textAt(item, 'mac-address');
  const mtu = numberAt(item, 'mtu');
  const sections: KeyfileSection[] = [
    {
      name: 'connection',
      values: [
        ['id', name],
        ['uuid', uuidOf(name)],
        ['type', 'ethernet'],
        ...(byMac ? [] : [['interface-name', name] as const]),
        ['autoconnect', 'true'],
        ['autoconnect-priority', '1'],
      ],
    },
    {
      name: 'ethernet',
      values: [
        ...(mac === '' ? [] : [['mac-address', mac] as const]),
        ...(mtu === undefined ? [] : [['mtu', String(mtu)] as const]),
      ],
    },
    renderFamily('ipv4', item, { path, network, findings }),
    renderFamily('ipv6', item, { path, network, findings }),
  ];
  return { fileName: `${name}.nmconnection`, text: renderKeyfile(sections) };
}

function renderFamily(family: Family, item: Mapping, { path, network, findings }: Place): KeyfileSection {
  const settings = mappingAt(item, family);
  if (settings === undefined || settings['enabled'] !== true)
    return { name: family, values: [['method', 'disabled']] };
  const automatic = settings['dhcp'] === true || settings['autoconf'] === true;
  const addresses = listAt(settings, 'address').map((address, index) => {
    const ip = isMapping(address) ? textAt(address, 'ip') : '';
    const length = isMapping(address) ? numberAt(address, 'prefix-length') : undefined;
    if (!isOfFamily(ip, family) || length === undefined)
      findings.push(wrong(`${path}.${family}.address[${index}]`, 'needs ip and prefix-length'));
    return `${ip}/${length}`;
  });
  if (!automatic && addresses.length === 0 && family === 'ipv4')
    findings.push(limit(`${path}.${family}`, 'is enabled and has neither dhcp nor an address'));
  const method = automatic ? 'auto' : addresses.length > 0 ? 'manual' : 'link-local';
  const values: [string, string][] = [['method', method]];
  addresses.forEach((address, index) => {
    values.push([`address${index + 1}`, address]);
  });
  values.push(...renderRoutes(family, textAt(item, 'name'), network), ...renderDns(family, item, network));
  if (settings['auto-dns'] === false) values.push(['ignore-auto-dns', 'true']);
  if (settings['auto-routes'] === false) values.push(['ignore-auto-routes', 'true']);
  if (settings['auto-gateway'] === false) values.push(['never-default', 'true']);
  return { name: family, values };
}

function renderRoutes(family: Family, name: string, network: Network): [string, string][] {
  const own = network.routes.filter((r) => r.interface === name && isOfFamily(r.destination, family));
  return own.flatMap((route, index): [string, string][] => {
    const key = `route${index + 1}`;
    const gateway = route.gateway || (family === 'ipv4' ? '0.0.0.0' : '::');
    const metric = route.metric === undefined || route.metric < 0 ? [] : [String(route.metric)];
    const line: [string, string] = [key, [route.destination, gateway, ...metric].join(',')];
    const hasTable = route.table !== undefined && route.table !== 0 && route.table !== 254;
    return hasTable ? [line, [`${key}_options`, `table=${route.table}`]] : [line];
  });
}

/** NetworkManager keeps DNS per connection: the first interface with the family enabled gets the servers of that family. */
function renderDns(family: Family, item: Mapping, network: Network): [string, string][] {
  const carrier = network.interfaces.find((i) => mappingAt(i, family)?.['enabled'] === true);
  const servers = network.servers.filter((server) => isOfFamily(server, family));
  if (carrier !== item || servers.length === 0) return [];
  const search = network.search.length === 0 ? [] : [['dns-search', `${network.search.join(';')};`]];
  return [['dns', `${servers.join(';')};`], ...search] as [string, string][];
}

const isOfFamily = (address: string, family: Family): boolean =>
  address !== '' && address.includes(':') === (family === 'ipv6');

/** Stable for a name, so that a repeated run replaces a connection and adds none. */
function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(`nmconnection ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unknownMembers(path: string, mapping: Mapping, known: readonly string[]): Finding[] {
  return Object.keys(mapping)
    .filter((key) => !known.includes(key))
    .map((key) =>
      limit(path === '' ? key : `${path}.${key}`, 'needs nmstatectl, which this host does not have'),
    );
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mappingAt(mapping: Mapping | undefined, key: string): Mapping | undefined {
  const value = mapping?.[key];
  return isMapping(value) ? value : undefined;
}

function listAt(mapping: Mapping | undefined, key: string): unknown[] {
  const value = mapping?.[key];
  return Array.isArray(value) ? value : [];
}

const textAt = (mapping: Mapping, key: string): string => {
  const value = mapping[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const numberAt = (mapping: Mapping, key: string): number | undefined => {
  const value = mapping[key];
  return typeof value === 'number' ? value : undefined;
};
