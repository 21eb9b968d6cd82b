import { type Asset, type AssetTree, link, publicFile, secretFile } from './assets.ts';
import { prefixLength, pullSecret, type SeedIdentity } from './identity.ts';
import { dnsmasqDefaults } from './machineConfigs.ts';

const UNITS = '/etc/systemd/system';
const CONTAINERS_MOUNT = 'var-lib-containers.mount';
/** Of the user `core` in the lab's operating system. */
const CORE_ID = 1000;

/** What tells this host from another one of the same operating system: name, address, names it answers, access. */
export function hostFiles(identity: SeedIdentity): AssetTree {
  return new Map<string, Asset>([
    ['/etc/hostname', publicFile(`${identity.hostname}\n`)],
    ['/etc/NetworkManager/system-connections/lab.nmconnection', secretFile(connection(identity))],
    ['/etc/default/nodeip-configuration', publicFile(`KUBELET_NODEIP_HINT=${networkAddress(identity)}`)],
    ['/etc/default/sno_dnsmasq_defaults', publicFile(dnsmasqDefaults(identity))],
    ['/var/lib/kubelet/config.json', secretFile(pullSecret())],
    [`${UNITS}/${CONTAINERS_MOUNT}`, publicFile(CONTAINERS_UNIT)],
    [`${UNITS}/local-fs.target.requires/${CONTAINERS_MOUNT}`, link(`${UNITS}/${CONTAINERS_MOUNT}`)],
    [
      '/var/home/core/.ssh/authorized_keys.d/ignition',
      { ...secretFile(`${identity.sshPublicKey}\n`), uid: CORE_ID, gid: CORE_ID },
    ],
  ]);
}

const networkAddress = (identity: SeedIdentity): string => identity.machineNetwork.split('/')[0] ?? '';

/**
 * No interface name: the keyfile fits the veth of a systemd-nspawn host as well as the network card of QEMU.
 * The node is its own name server.
 */
function connection(identity: SeedIdentity): string {
  return `[connection]
id=lab
type=ethernet
autoconnect=true

[ethernet]

[ipv4]
method=manual
address1=${identity.nodeIp}/${prefixLength(identity)},${identity.gateway}
dns=${identity.nodeIp};

[ipv6]
method=disabled
`;
}

/**
 * Container storage on a partition that all state roots share; `create` reads `What=`, an installer compares it.
 * Under systemd-nspawn there is no udev, hence no such link, and the store is mounted from outside.
 */
const CONTAINERS_UNIT = `[Unit]
Description=Container storage on its own partition
Before=local-fs.target
ConditionPathExists=/dev/disk/by-partlabel

[Mount]
What=/dev/disk/by-partlabel/var-lib-containers
Where=/var/lib/containers
Type=xfs

[Install]
RequiredBy=local-fs.target
`;
