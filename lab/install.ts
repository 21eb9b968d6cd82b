import { createEmptyDisk } from '#machines/disk.ts';
import { startLiveEnvironment } from '#machines/liveEnvironment.ts';
import { putFile } from '#machines/putFile.ts';
import type { LabProducts } from './build/all.ts';
import type { Lab } from './lab.ts';
import { runLogged } from './runLogged.ts';
import { pullSecret } from './seedCluster/identity.ts';
import { DISK_BYTES } from './seedDisk.ts';

export interface InstallOptions {
  /** Name of the machine the disk is for. */
  readonly name: string;
  readonly disk: string;
  readonly seedImage: string;
  readonly seedVersion: string;
  readonly executables: string;
}

/** Makes an empty disk and lets `lca-cli ibi` install the seed image on it, in a stand-in of the live ISO's system. */
export async function installFromSeedImage(
  lab: Lab,
  products: LabProducts,
  options: InstallOptions,
): Promise<void> {
  await createEmptyDisk(lab.host, options.disk, DISK_BYTES);
  const live = await startLiveEnvironment(lab.host, lab.site, {
    name: `live-${options.name}`,
    operatingSystem: { repo: products.osRepo, ref: products.osRef },
    disk: options.disk,
    files: [
      { path: '/var/tmp/pull-secret.json', content: pullSecret(), mode: 0o600 },
      {
        path: '/usr/local/bin/lca-cli',
        content: await lab.host.files.read(`${options.executables}/sower`),
        mode: 0o755,
      },
    ],
  });
  try {
    const configuration = JSON.stringify({
      seedImage: options.seedImage,
      seedVersion: options.seedVersion,
      installationDisk: live.disk,
      extraPartitionStart: '-7G',
    });
    const path = '/var/tmp/ibi-configuration.json';
    await putFile(live.host, { path, content: configuration, mode: 0o600 });
    const argv = ['/usr/local/bin/lca-cli', 'ibi', '-f', path];
    await runLogged(lab, live.host, { log: `ibi-${options.name}`, argv });
  } finally {
    await live.stop();
  }
}
