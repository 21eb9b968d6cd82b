import { stringify } from 'yaml';
import type { BareMetalHost, BareMetalPlatform } from './bareMetalPlatform.ts';
import type { InstallConfig, MachinePool } from './installConfig.ts';

/** Hosts are written in this order, as machines are made of them; those without a role come last. */
const ROLES = ['master', 'arbiter', 'worker'];

/**
 * An install-config as upstream writes it back: sorted keys, no empty members but those that it always writes
 * (spec/installer/03.7). A YAML 1.1 reader, such as Go's, reads every text as text.
 */
export function renderInstallConfig(config: InstallConfig): string {
  const { baremetal, external, ...others } = config.platform;
  const document = {
    ...(prune(config) as object),
    metadata: { ...(prune(config.metadata) as object), creationTimestamp: null },
    compute: config.compute.map(poolDocument),
    ...(config.controlPlane && { controlPlane: poolDocument(config.controlPlane) }),
    ...(config.arbiter && { arbiter: poolDocument(config.arbiter) }),
    platform: {
      ...others,
      ...(external && { external: prune(external) ?? {} }),
      ...(baremetal && { baremetal: bareMetalDocument(baremetal) }),
    },
    pullSecret: config.pullSecret,
  };
  return stringify(document, {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
  });
}

const poolDocument = (pool: MachinePool): object => ({
  ...(prune(pool) as object),
  platform: pool.platform ?? {},
});

function bareMetalDocument(platform: BareMetalPlatform): object {
  const hosts = platform.hosts?.toSorted(byRole).map((host) => ({
    ...(prune(host) as object),
    role: host.role,
    bmc: host.bmc,
    bootMACAddress: host.bootMACAddress,
    hardwareProfile: host.hardwareProfile,
    ...(host.rootDeviceHints && { rootDeviceHints: hintsDocument(host.rootDeviceHints) }),
    ...(host.networkConfig && { networkConfig: host.networkConfig }),
  }));
  return {
    ...(prune(platform) as object),
    hosts: hosts ?? null,
    provisioningNetworkInterface: platform.provisioningNetworkInterface,
  };
}

/** Disks that do not rotate are another wish than any disks. */
const hintsDocument = (hints: NonNullable<BareMetalHost['rootDeviceHints']>): object => ({
  ...(prune(hints) as object),
  ...(hints.rotational !== undefined && { rotational: hints.rotational }),
});

const byRole = (a: BareMetalHost, b: BareMetalHost): number => rankOf(a) - rankOf(b);

const rankOf = ({ role }: BareMetalHost): number =>
  ROLES.includes(role) ? ROLES.indexOf(role) : ROLES.length;

/** Numbers for which zero means "not given". */
const ZERO_IS_NONE = ['clusterNetworkMTU', 'hostSubnetLength', 'minSizeGigabytes'];

/** Without empty texts, lists and objects and without `false`; undefined if nothing is left. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => prune(item) ?? item);
  if (typeof value !== 'object' || value === null) {
    return value === '' || value === false || value === null ? undefined : value;
  }
  const members = Object.entries(value).flatMap(([key, member]) => {
    const kept = member === 0 && ZERO_IS_NONE.includes(key) ? undefined : prune(member);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
