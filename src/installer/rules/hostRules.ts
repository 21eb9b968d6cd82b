import type { BareMetalHost, BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from '#api/names.ts';
import { type Problem, warning } from '#base/report.ts';
import { duplicate, invalid, required, unsupported } from './fieldErrors.ts';

const HOSTS = 'platform.baremetal.hosts';
const BOOT_MODES = ['UEFI', 'UEFISecureBoot', 'legacy'];
/** Drivers of the baremetal-operator that can't switch secure boot on. */
const WITHOUT_SECURE_BOOT = ['ibmc', 'idrac', 'ipmi'];

interface HostMember {
  readonly path: string;
  /** Upstream's name of it. */
  readonly name: string;
  readonly isUnique: boolean;
  read(host: BareMetalHost): string;
}

const MEMBERS: readonly HostMember[] = [
  { path: 'name', name: 'Name', isUnique: true, read: ({ name }) => name },
  { path: 'bmc.username', name: 'Username', isUnique: false, read: ({ bmc }) => bmc.username },
  { path: 'bmc.password', name: 'Password', isUnique: false, read: ({ bmc }) => bmc.password },
  { path: 'bmc.address', name: 'Address', isUnique: true, read: ({ bmc }) => bmc.address },
  { path: 'bootMACAddress', name: 'BootMACAddress', isUnique: true, read: (host) => host.bootMACAddress },
];

/** There must be a host for every replica; one without a role counts for the first pool that lacks some. */
export function hostCountProblems(config: InstallConfig): Problem[] {
  const hosts = config.platform.baremetal?.hosts ?? [];
  const pools = [
    { role: 'master', name: 'ControlPlane', wanted: config.controlPlane?.replicas ?? 0 },
    { role: 'arbiter', name: 'Arbiter', wanted: config.arbiter?.replicas ?? 0 },
    {
      role: 'worker',
      name: 'Compute',
      wanted: config.compute.reduce((sum, pool) => sum + (pool.replicas ?? 0), 0),
    },
  ];
  const counts = new Map(pools.map((pool) => [pool, 0]));
  const found: Problem[] = [];
  for (const host of hosts) {
    const own = pools.find(({ role }) => role === host.role);
    if (own === undefined) found.push(warning('', `Host ${host.name} hasn't any role configured`));
    const pool = own ?? pools.find((candidate) => counts.get(candidate)! < candidate.wanted) ?? pools[2]!;
    counts.set(pool, counts.get(pool)! + 1);
  }
  for (const [{ name, wanted }, count] of counts) {
    if (count >= wanted) continue;
    const detail = `not enough hosts found (${count}) to support all the configured ${name} replicas (${wanted})`;
    found.push(required(HOSTS, detail));
  }
  return found;
}

/** What must be said about each host, and what may be said only once. */
export const hostMemberProblems = (hosts: readonly BareMetalHost[]): Problem[] =>
  hosts.flatMap((host, i) =>
    MEMBERS.flatMap((member) => {
      const path = `${HOSTS}[${i}].${member.path}`;
      const value = member.read(host);
      if (value === '') return [required(path, `missing ${member.name}`)];
      const isTaken = hosts.slice(0, i).some((other) => member.read(other) === value);
      return member.isUnique && isTaken ? [duplicate(path, value)] : [];
    }),
  );

export const bootModeProblems = (hosts: readonly BareMetalHost[]): Problem[] =>
  hosts.flatMap(({ bootMode, bmc }, i) => {
    const path = `${HOSTS}[${i}].bootMode`;
    if (!BOOT_MODES.includes(bootMode)) return [unsupported(path, bootMode, BOOT_MODES)];
    const driver = driverOf(bmc.address);
    if (bootMode !== 'UEFISecureBoot' || !WITHOUT_SECURE_BOOT.includes(driver)) return [];
    return [invalid(path, bootMode, `driver ${driver} does not support UEFI secure boot`)];
  });

/** `redfish+https://...` is driven by redfish; an address without a scheme by IPMI. */
const driverOf = (address: string): string => /^([\w-]+)(?:\+\w+)?:\/\//.exec(address)?.[1] ?? 'ipmi';

/** These boot from media that their controller shows them; all others boot over the provisioning network. */
const BOOT_FROM_MEDIA = /^[\w-]+-(virtualmedia|uefihttp)(\+\w+)?:/;

/** Without a provisioning network a host must be able to boot in another way. */
export function hostDriverProblems({ provisioningNetwork, hosts = [] }: BareMetalPlatform): Problem[] {
  if (provisioningNetwork !== 'Disabled') return [];
  return hosts.flatMap(({ bmc: { address } }, i) => {
    if (BOOT_FROM_MEDIA.test(address)) return [];
    const detail = `driver ${driverOf(address)} requires provisioning network`;
    return [invalid(`${HOSTS}[${i}].bmc`, address.replace(/\/\/[^/@]*@/, '//'), detail)];
  });
}

export const rootDeviceProblems = (hosts: readonly BareMetalHost[]): Problem[] =>
  hosts.flatMap(({ rootDeviceHints }, i) => {
    const name = rootDeviceHints?.deviceName ?? '';
    const path = `${HOSTS}[${i}].rootDeviceHints.deviceName`;
    if (name === '') return [];
    if (!name.startsWith('/dev/')) {
      return [invalid(path, name, 'Device Name of root device hint must be a /dev/ path')];
    }
    const rest = name.slice('/dev/'.length);
    if (!rest.includes('/') || rest.startsWith('disk/by-path/')) return [];
    const detail = 'Device Name of root device hint must be path in /dev/ or /dev/disk/by-path/';
    return [invalid(path, name, detail)];
  });

export const hostNameProblems = (hosts: readonly BareMetalHost[]): Problem[] =>
  hosts.flatMap(({ name }, i) =>
    name === '' || isDnsSubdomain(name) ? [] : [invalid(`${HOSTS}[${i}].name`, name, SUBDOMAIN_RULE)],
  );
