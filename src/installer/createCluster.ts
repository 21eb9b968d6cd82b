import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { info, warn } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import { type Infrastructure, readInfrastructure } from './bootstrapMachine/infrastructureFiles.ts';
import { makeBootstrapMachine } from './bootstrapMachine/makeBootstrapMachine.ts';
import { readProgress, writeProgress } from './bootstrapMachine/progress.ts';
import type { Libvirt } from './bootstrapMachine/virsh.ts';
import { destroyBootstrap } from './destroy/destroyCluster.ts';
import { type Download, locationOfUrl, obtainImage } from './imageCache.ts';
import { waitForBootstrap } from './waiting/bootstrapComplete.ts';
import type { Clock } from './waiting/clock.ts';
import { waitForInstall } from './waiting/installComplete.ts';
import { keepHosts } from './waiting/keptHosts.ts';
import { Stages } from './waiting/stages.ts';
import type { WatchedCluster } from './waiting/watchedCluster.ts';

/** What creating a cluster on bare metal needs. */
export interface ClusterCreation {
  /** As the user wrote it; messages show it. */
  readonly dir: string;
  /** Absolute path of `dir`. */
  readonly root: string;
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Libvirt['logger'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly download: Download;
  readonly signal: AbortSignal;
  readonly skipsPassword: boolean;
  /** The cluster of `auth/kubeconfig`, when that is written. */
  readonly openCluster: () => Promise<WatchedCluster>;
}

/** The text by which callers know that machines could not be made (spec/installer/01.3). */
const INFRASTRUCTURE_FAILED = 'failed to create cluster';

/** Upstream's and its tools' notes of what they made. */
const FOREIGN_NOTES = /^(terraform(\..*)?\.tfstate|\.clusterapi_output)$/;

/**
 * Nothing of a cluster may be made where another program made one. Asked before anything else.
 * @throws Failure installer/cluster-begun
 */
export async function refuseForeignCluster({
  host,
  root,
}: Pick<ClusterCreation, 'host' | 'root'>): Promise<void> {
  const names = (await host.files.exists(root)) ? await host.files.list(root) : [];
  const note = names.find((name) => FOREIGN_NOTES.test(name));
  if (note === undefined) return;
  throw new Failure({
    code: 'installer/cluster-begun',
    message: note.endsWith('.tfstate')
      ? 'terraform state files already exist.  There may already be a running cluster'
      : 'local infrastructure provisioning artifacts already exist. There may already be a running cluster',
    hint: `${join(root, note)} is there: run "destroy cluster" first, or use another directory`,
  });
}

/**
 * Makes the machine that bootstraps a cluster, waits until the cluster works alone, removes that machine and waits until
 * the cluster can be used (spec/installer/07.2). Its files are there already. What an earlier run did is not done again.
 *
 * @throws Failure
 */
export async function installCluster(creation: ClusterCreation): Promise<void> {
  const { clock, logger, root, host } = creation;
  const stages = new Stages(clock);
  const infrastructure = await readInfrastructure(host.files, root);
  const isBootstrapped = (await readProgress(host.files, root)) === 'bootstrapped';
  if (!isBootstrapped) {
    await writeProgress(host.files, root, 'begun');
    await stages.time('Infrastructure Provisioning', () => provision(creation, infrastructure));
  }
  const cluster = await creation.openCluster();
  const waiting = { cluster, clock, logger };
  try {
    if (!isBootstrapped) {
      const known = { isBareMetal: true, keepHosts: keepHosts(host.files, root) };
      await stages.time('Bootstrap Complete', () => waitForBootstrap(waiting, known));
      await writeProgress(host.files, root, 'bootstrapped');
    }
    await stages.time('Bootstrap Destroy', () => removeBootstrap(creation));
    const { skipsPassword } = creation;
    await waitForInstall(waiting, { root, files: host.files, isBareMetal: true, skipsPassword }, stages);
  } finally {
    cluster.api.close();
  }
  stages.tell(logger);
}

async function provision(creation: ClusterCreation, infrastructure: Infrastructure): Promise<void> {
  const { root, host, logger, env, download, signal } = creation;
  const { cluster, ignition, bridges, image } = infrastructure;
  try {
    const path = await obtainImage(
      {
        name: 'bootstrap image',
        location: locationOfUrl(image),
        folder: 'openshift-installer',
        hint: 'name an image that can be reached in platform.baremetal.bootstrapOSImage',
      },
      { env, files: host.files, logger, download: (request) => download({ ...request, signal }) },
    );
    const libvirt: Libvirt = { host, cluster, logger, signal };
    const parts = { image: path, ignition, bridges, env };
    await makeBootstrapMachine(libvirt, parts, { files: host.files, folder: root });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({
      code: cause.code,
      message: `failed to fetch Cluster: failed to generate asset "Cluster": ${INFRASTRUCTURE_FAILED}: ${cause.message}`,
      hint: cause.hint ?? 'run the command again: what is there is used',
    });
  }
}

async function removeBootstrap({ dir, root, host, logger, env }: ClusterCreation): Promise<void> {
  if ((env['OPENSHIFT_INSTALL_PRESERVE_BOOTSTRAP'] ?? '') === '') {
    info(logger, 'Destroying the bootstrap resources...');
    await destroyBootstrap({ dir, root, host, logger });
    return;
  }
  warn(
    logger,
    'OPENSHIFT_INSTALL_PRESERVE_BOOTSTRAP is set: the bootstrap machine stays. This is for debugging only, it endangers the cluster: remove it with "destroy bootstrap"',
  );
}
