import { join } from 'node:path';
import type { BuildPlace, Recipe } from './cache.ts';
import { runLogged } from './loggedCommand.ts';
import { debianCodename, openPrivateApt } from './privateApt.ts';

/** The file of the product: the root file system as Debian's packages leave it. */
export const PACKAGES_TAR = 'root.tar.zst';

/** Everything the lab's operating system is made of, by what it is there for. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  boot: [
    'linux-image-cloud-amd64',
    'systemd',
    'systemd-sysv',
    'udev',
    'dbus',
    'kmod',
    'dracut',
    'dracut-core',
  ],
  bootLoader: ['grub-pc-bin', 'grub-common'],
  ostree: ['ostree', 'ostree-boot'],
  disks: ['e2fsprogs', 'xfsprogs', 'dosfstools', 'fdisk', 'gdisk'],
  network: ['network-manager', 'dnsmasq-base', 'iproute2', 'iputils-ping', 'iptables', 'conntrack'],
  containers: ['containerd', 'runc', 'containernetworking-plugins', 'podman', 'crun', 'skopeo'],
  etcd: ['etcd-server', 'etcd-client'],
  access: ['openssh-server', 'openssh-client', 'ca-certificates', 'curl', 'openssl'],
  time: ['chrony'],
  // Sower's own executable is linked against libstdc++ and libgcc.
  runtime: ['libstdc++6', 'libgcc-s1', 'procps', 'util-linux', 'zstd'],
  // How the lab runs programs inside a virtual machine (machines/guestHost.ts); idle where there is no such machine.
  virtualMachine: ['qemu-guest-agent'],
  // For the initramfs of the live ISO (liveIso.ts).
  live: ['ignition', 'dracut-network'],
};

const WITHOUT = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];
/** Files of one build carry this time (2026-01-01), so that equal packages give equal trees. */
export const SOURCE_DATE = '1767225600';

/** The packages of the lab's operating system, unpacked and configured into a root file system archive. */
export async function packagesRecipe(): Promise<Recipe> {
  const packages = Object.values(PACKAGES).flat();
  const suite = await debianCodename();
  return {
    name: 'packages',
    revision: 1,
    inputs: { suite, packages, without: WITHOUT },
    build: (place) => place.stage('bootstrap', () => bootstrap(place, suite, packages)),
  };
}

async function bootstrap(
  place: BuildPlace,
  suite: string,
  packages: readonly string[],
): Promise<Record<string, string>> {
  const apt = await openPrivateApt(join(place.scratch, 'apt'), place.log);
  const versions = join(place.product, 'versions.txt');
  // mmdebstrap hands hooks to a shell itself; "$1" is its name for the new root.
  const argv = [
    // Its mounts of /dev and /proc end with it, also when it is killed: the scratch folder can be removed safely.
    // What is unmounted outside goes away inside too: a lab that goes down meanwhile must get its disks free.
    'unshare',
    '--mount',
    '--propagation=slave',
    'mmdebstrap',
    '--variant=minbase',
    '--mode=root',
    '--aptopt=APT::Install-Recommends "false"',
    ...WITHOUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    // The maintainer scripts would make an initramfs that nobody boots; ours comes when the tree is complete.
    `--essential-hook=${diversion('--add')} && ln -s /bin/true "$1/usr/bin/dracut"`,
    `--customize-hook=rm "$1/usr/bin/dracut" && ${diversion('--remove')}`,
    `--customize-hook=chroot "$1" dpkg-query --show > '${versions}'`,
    `--include=${packages.join(',')}`,
    suite,
    join(place.product, PACKAGES_TAR),
    apt.binarySources,
  ];
  await runLogged(place.log, argv, { env: { SOURCE_DATE_EPOCH: SOURCE_DATE, TMPDIR: place.scratch } });
  return {};
}

function diversion(action: '--add' | '--remove'): string {
  return `chroot "$1" dpkg-divert --quiet --local --rename ${action} --divert /usr/bin/dracut.packaged /usr/bin/dracut`;
}
