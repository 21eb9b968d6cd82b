import { stringify } from 'yaml';
import { Failure } from '#base/failure.ts';
import { createEmptyDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { QemuDriver, type QemuSpec } from '#machines/qemu.ts';
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
const CONSOLE_LINES = 40;

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
  try {
    await timeline.stage('installation ISO', () => makeInstallationIso(lab, { ...options, folder, baseIso }));
    await createEmptyDisk(lab.host, disk, DISK_BYTES);
    await installFrom(lab, { name, disk, iso: `${folder}/rhcos-ibi.iso` }, timeline);
  } finally {
    await lab.host.files.remove(folder); // it holds the pull secret
  }
}

async function installFrom(lab: Lab, spec: QemuSpec, timeline: Timeline): Promise<void> {
  const live = await new QemuDriver(lab.host, lab.site).start(spec);
  try {
    await timeline.stage('live system: boot from the ISO', () => live.waitForBoot({ until: 'basic' }));
    await timeline.stage('install', () => untilInstalled(lab, live));
  } finally {
    await live.kill();
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

/**
 * `shutdown: true` lets the host go off when its disk is written; a unit that failed leaves it running. The live system
 * prints its journal on the console, which is read here: to ask inside costs an emulated processor some tenths of a second.
 */
async function untilInstalled({ host: { files } }: Lab, live: Machine): Promise<void> {
  const timeoutSeconds = PATIENCE_SECONDS * live.slowness;
  const end = await waitFor(
    async () => {
      if (!(await live.isRunning())) return 'off';
      const console = await files.readText(live.consoleLog);
      return console.includes(`${UNIT}: Failed with result`) ? 'failed' : undefined;
    },
    { timeoutSeconds, everySeconds: 1 },
  );
  if (end === 'off') return;
  const lines = (await files.readText(live.consoleLog)).split('\n');
  const said = lines.filter((line) => line.includes('install-rhcos')).slice(-CONSOLE_LINES);
  throw new Failure({
    code: 'lab/installation-failed',
    message: `the installation ${end ?? `has not ended after ${timeoutSeconds} s`}; the end of ${UNIT}:\n${said.join('\n')}`,
    hint: `read the whole console in ${live.consoleLog}`,
  });
}
