import { Failure } from '#base/failure.ts';

/**
 * Where a set of machines lives. Everything the kernel holds for them carries a name or a path derived from here,
 * so that it is found again when nobody is left who remembers having made it.
 */
export interface Site {
  readonly name: string;
  /** Absolute; disks, mounts, logs and records of the machines lie below it. */
  readonly folder: string;
  /** Network namespace, as `ip netns` lists it; there is no way out of it. */
  readonly networkNamespace: string;
  /** Control group below the root of every hierarchy; each machine has one of its own inside. */
  readonly cgroup: string;
}

/** Letters of host names and interface names alike; a dot is left to separate machine and site. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** @param folder absolute path without a trailing slash. Failure `machines/bad-name`. */
export function siteAt(name: string, folder: string): Site {
  checkName(name);
  return { name, folder, networkNamespace: `sower-${name}`, cgroup: `sower-${name}` };
}

/** Machine and site names become parts of host names and of cgroup names. Failure `machines/bad-name`. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new Failure({
    code: 'machines/bad-name',
    message: `"${name}" is not usable as a name`,
    hint: 'use up to 20 lower-case letters, digits and inner dashes',
  });
}

export const machineFolder = (site: Site, machine: string): string => `${site.folder}/machines/${machine}`;
export const machineCgroup = (site: Site, machine: string): string => `${site.cgroup}/${machine}`;

/** The name systemd-nspawn knows a machine by; its leftovers in /run/systemd/nspawn carry it. */
export const containerName = (site: Site, machine: string): string =>
  `${machine}${containerNameEnd(site.name)}`;
export const containerNameEnd = (site: string): string => `.${site}.sower`;

/** The lab's network namespace as a file that `nsenter` takes. */
export const networkNamespaceFile = (site: Site): string => `/run/netns/${site.networkNamespace}`;

/**
 * argv that runs inside the site's network. `ip netns exec` is not used: it mounts a new /sys, which hides the
 * control groups from whatever runs below it.
 */
export const inNetwork = (site: Site, argv: readonly string[]): string[] => [
  'nsenter',
  `--net=${networkNamespaceFile(site)}`,
  '--',
  ...argv,
];
