import { stringify } from 'yaml';
import { Failure } from '#base/failure.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { QemuDriver } from '#machines/qemu.ts';
import { waitFor } from '#machines/waiting.ts';
import { buildLiveIso, type LabProducts } from './build/all.ts';
import type { InstallOptions } from './install.ts';
import type { Lab } from './lab.ts';
import { LAB_NETWORK } from './network.ts';
import { pullSecret } from './seedCluster/identity.ts';
import { DISK_BYTES } from './seedDisk.ts';
import type { Timeline } from './timeline.ts';

const UNIT = 'install-rhcos-and-restore-seed.service';
const PATIENCE_SECONDS = 300;

export interface IsoInstallOptions extends InstallOptions {
  /** What the host is reached by while it is installed. */
  readonly address: string;
}

/**
 * Makes an installation ISO with `openshift-install`, boots a virtual machine with an empty disk from it, and waits until
 * the machine has installed the seed image on the disk and gone off. Failure `lab/installation-failed`.
 */
export async function installByIso(
  lab: Lab,
  products: LabProducts,
  options: IsoInstallOptions,
  timeline: Timeline,
): Promise<void> {
  const { name, disk } = options;
  const folder = `${lab.folder}/work/installation-${name}`;
  const baseIso = await timeline.stage('live ISO', (note) =>
    buildLiveIso(products, { observer: { onHit: () => note('cached') } }),
  );
  await timeline.stage('installation ISO', () => makeInstallationIso(lab, { ...options, folder, baseIso }));
  await createEmptyDisk(lab.host, disk, DISK_BYTES);
  const iso = `${folder}/rhcos-ibi.iso`;
  const live = await new QemuDriver(lab.host, lab.site).start({ name, disk, iso });
  try {
    await timeline.stage('live system: boot from the ISO', () => live.waitForBoot({ until: 'basic' }));
    await timeline.stage('install', () => untilInstalled(live));
  } finally {
    await live.kill();
    await lab.host.files.remove(folder);
  }
}

async function makeInstallationIso(
  lab: Lab,
  options: IsoInstallOptions & { readonly folder: string; readonly baseIso: string },
): Promise<void> {
  const { folder, baseIso, executables } = options;
  await lab.host.files.makeDirectory(folder, 0o700);
  const path = `${folder}/image-based-installation-config.yaml`;
  await lab.host.files.write(path, stringify(installationConfig(options)), { mode: 0o600 });
  await lab.host.run([
    ...[`${executables}/openshift-install`, 'image-based', 'create', 'image'],
    ...['--dir', folder, '--base-iso', baseIso],
  ]);
}

const installationConfig = ({ seedImage, seedVersion, address }: IsoInstallOptions) => ({
  apiVersion: 'v1beta1',
  kind: 'ImageBasedInstallationConfig',
  metadata: { name: 'lab' },
  seedImage,
  seedVersion,
  pullSecret: pullSecret(),
  installationDisk: '/dev/vda',
  extraPartitionStart: '-7G',
  shutdown: true,
  ignitionConfigOverride: JSON.stringify(networkIgnition(address)),
});

/** Debian has no nmstate, so the host can't apply a networkConfig; the lab has no DHCP either. */
const networkIgnition = (address: string) => ({
  ignition: { version: '3.2.0' },
  storage: {
    files: [
      {
        path: '/etc/NetworkManager/system-connections/lab.nmconnection',
        mode: 0o600,
        contents: { source: `data:,${encodeURIComponent(connection(address))}` },
      },
    ],
  },
});

const connection = (address: string): string => `[connection]
id=lab
type=ethernet

[ipv4]
method=manual
address1=${address}/${LAB_NETWORK.prefixLength},${LAB_NETWORK.gateway}

[ipv6]
method=disabled
`;

/** `shutdown: true` lets the host go off when its disk is written; a unit that failed leaves it running. */
async function untilInstalled(live: Machine): Promise<void> {
  const timeoutSeconds = PATIENCE_SECONDS * live.slowness;
  const end = await waitFor(
    async () => {
      if (!(await live.isRunning())) return 'off';
      return (await hasFailed(live)) ? 'failed' : undefined;
    },
    { timeoutSeconds, everySeconds: 4 }, // each look takes an emulated processor some tenths of a second
  );
  if (end !== 'off') throw await installationFailed(live, end ?? `has not ended after ${timeoutSeconds} s`);
}

async function hasFailed({ host }: Machine): Promise<boolean> {
  try {
    const { stdout } = await host.run(['systemctl', 'is-failed', UNIT], { okCodes: [0, 1, 3, 4] });
    return stdout.trim() === 'failed';
  } catch (error) {
    if (error instanceof Failure) return false; // it is going off
    throw error;
  }
}

async function installationFailed({ host, consoleLog }: Machine, how: string): Promise<Failure> {
  const argv = ['journalctl', '--no-pager', '--lines=40', '--output=cat', `--unit=${UNIT}`];
  const journal = await host.run(argv).then(
    ({ stdout }) => stdout,
    (error: Error) => error.message,
  );
  return new Failure({
    code: 'lab/installation-failed',
    message: `the installation ${how}; the end of ${UNIT}:\n${journal}`,
    hint: `read the whole console in ${consoleLog}`,
  });
}
