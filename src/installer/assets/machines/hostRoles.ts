import type { BareMetalHost } from '#api/bareMetalPlatform.ts';
import type { InstallConfig } from '#api/installConfig.ts';

/** A host and what it becomes: `index` is the number of its Machine. Spare hosts wait for a MachineSet. */
export type AssignedHost =
  | { readonly host: BareMetalHost; readonly role: 'master' | 'arbiter'; readonly index: number }
  | { readonly host: BareMetalHost; readonly role: 'spare' };

/**
 * Gives every host its role. Hosts without one become masters first, then arbiters, and the rest is spare
 * (spec/installer/05.3). A host that is named as a master beyond those that are needed is spare too.
 */
export function assignHosts(config: InstallConfig): AssignedHost[] {
  const hosts = config.platform.baremetal?.hosts ?? [];
  const needed = {
    master: config.controlPlane?.replicas ?? 0,
    arbiter: config.arbiter?.replicas ?? 0,
  };
  const roles = filledRoles(hosts, needed);
  const taken = { master: 0, arbiter: 0 };
  return hosts.map((host, i) => {
    const role = roles[i];
    if (role === undefined || taken[role] >= needed[role]) return { host, role: 'spare' };
    taken[role] += 1;
    return { host, role, index: taken[role] - 1 };
  });
}

type MachineHostRole = 'master' | 'arbiter';

function filledRoles(
  hosts: readonly BareMetalHost[],
  needed: Readonly<Record<MachineHostRole, number>>,
): (MachineHostRole | undefined)[] {
  const count = (role: MachineHostRole): number => hosts.filter((host) => host.role === role).length;
  const open = { master: needed.master - count('master'), arbiter: needed.arbiter - count('arbiter') };
  return hosts.map(({ role }) => {
    if (role === 'master' || role === 'arbiter') return role;
    if (role !== '') return undefined;
    const free = (['master', 'arbiter'] as const).find((candidate) => open[candidate] > 0);
    if (free !== undefined) open[free] -= 1;
    return free;
  });
}
