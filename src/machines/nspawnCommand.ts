import type { Deployment } from './deployment.ts';
import type { MountedDisk } from './disk.ts';
import { BRIDGE } from './network.ts';
import { containerName, inNetwork, networkNamespaceFile, type Site } from './site.ts';

/** systemd-nspawn's own name for it. */
export const NSPAWN_INTERFACE = 'host0';

/**
 * No system manager is asked to register the container, and the control group it was started in is kept.
 * containerd, kubelet and runc need all capabilities and the system calls for keys and BPF (lab-kubernetes.md, 6).
 * Resolver, time zone and console are left alone: the system inside has its own.
 */
const PRIVILEGED = [
  '--register=no',
  '--keep-unit',
  '--capability=all',
  '--system-call-filter=@keyring bpf',
  '--resolv-conf=off',
  '--timezone=off',
  '--console=pipe',
];

/** argv that boots a deployment of a mounted disk as a machine on the site's bridge. */
export function bootCommand(site: Site, name: string, disk: MountedDisk, deployment: Deployment): string[] {
  const { root, varFolder } = deployment;
  const containers = disk.containers === undefined ? [] : [bind(disk.containers, '/var/lib/containers')];
  return inNetwork(site, [
    'systemd-nspawn',
    `--directory=${root}`,
    `--machine=${containerName(site, name)}`,
    `--hostname=${name}`,
    '--boot',
    ...PRIVILEGED,
    `--network-bridge=${BRIDGE}`,
    // A recursive bind shows the control groups a second time, below the deployment, and kubelet, which stops reading
    // the mount table after as many as there are controllers, then misses some (lab-chain.md, pitfall 1).
    `${bind(disk.sysroot, '/sysroot')}:norbind`,
    bind(varFolder, '/var'),
    bind(`${disk.sysroot}/boot`, '/boot'),
    bind(`${root}/usr`, '/usr', '--bind-ro'),
    ...containers,
  ]);
}

/** argv that keeps a file system tree alive as a container in the site's own network, without booting it. */
export function liveCommand(site: Site, name: string, root: string, varFolder: string): string[] {
  return [
    'systemd-nspawn',
    `--directory=${root}`,
    `--machine=${containerName(site, name)}`,
    `--hostname=${name}`,
    '--as-pid2',
    ...PRIVILEGED,
    `--network-namespace-path=${networkNamespaceFile(site)}`,
    bind(varFolder, '/var'),
    'sleep',
    'infinity',
  ];
}

/** systemd-nspawn splits at colons and takes a backslash before one that is meant. */
const bind = (from: string, to: string, option = '--bind'): string =>
  `${option}=${from.replaceAll(/[\\:]/g, '\\$&')}:${to}`;
