import { join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { info, type Logger } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import type { AnyAsset } from '../asset.ts';
import { infrastructureVariables } from '../assets/cluster/infrastructureVariables.ts';
import { journalCertificate } from '../assets/cluster/journalCertificate.ts';
import { METADATA, metadata } from '../assets/cluster/metadata.ts';
import {
  arbiterIgnitionCustomizations,
  masterIgnitionCustomizations,
  workerIgnitionCustomizations,
} from '../assets/ignition/ignitionCustomizations.ts';
import { kubeadminPassword } from '../assets/kubeadminPassword.ts';
import { adminClient } from '../assets/kubeconfig/adminClient.ts';
import { PROGRESS_FILE } from '../bootstrapMachine/progress.ts';
import type { Libvirt } from '../bootstrapMachine/virsh.ts';
import { STATE_FILE } from '../stateFile.ts';
import { TargetDirectory } from '../targetDirectory.ts';
import { parseClusterMetadata } from './clusterMetadata.ts';
import { destroyBootstrapDomain, destroyBootstrapPool } from './libvirtBootstrap.ts';

export interface DestroyOptions {
  /** As the user wrote it; messages show it. */
  readonly dir: string;
  /** Absolute path of `dir`. */
  readonly root: string;
  readonly host: Host;
  readonly logger: Logger;
}

/** What "create cluster" leaves in the directory; the metadata last, because without it nothing can be destroyed. */
const CLUSTER_ASSETS: readonly AnyAsset[] = [
  masterIgnitionCustomizations,
  arbiterIgnitionCustomizations,
  workerIgnitionCustomizations,
  infrastructureVariables,
  adminClient,
  kubeadminPassword,
  journalCertificate,
  metadata,
] as readonly AnyAsset[];

/**
 * Removes what was made for bootstrapping and the files that belong to the cluster (spec/installer/07.8). The hosts of
 * a bare-metal cluster stay as they are, as with upstream. A run that failed can be repeated.
 *
 * @throws Failure
 */
export async function destroyCluster(options: DestroyOptions): Promise<void> {
  const directory = new TargetDirectory(options.root, options.host.files);
  const { values } = await directory.readState(); // A foreign one is refused before anything is removed.
  const libvirt = await prepared('failed while preparing to destroy cluster', findLibvirt(options));
  await prepared('failed to destroy cluster', destroyBootstrapPool(libvirt));
  const files = CLUSTER_ASSETS.filter(({ stateKey }) => values.has(stateKey)).flatMap(
    (asset) => asset.files?.(values.get(asset.stateKey)) ?? [],
  );
  for (const path of await provisioningFiles(options)) await options.host.files.remove(path);
  for (const { path } of files) await directory.removeFile(path);
  for (const name of [PROGRESS_FILE, METADATA, STATE_FILE]) await directory.removeFile(name);
  info(options.logger, 'Uninstallation complete!');
}

/** Removes the virtual machine that bootstrapped the cluster, and its storage. @throws Failure */
export async function destroyBootstrap(options: DestroyOptions): Promise<void> {
  const libvirt = await findLibvirt(options);
  const teardown = async (): Promise<void> => {
    await destroyBootstrapDomain(libvirt);
    await destroyBootstrapPool(libvirt);
  };
  await prepared('error destroying bootstrap resources', teardown());
}

async function findLibvirt({ dir, root, host, logger }: DestroyOptions): Promise<Libvirt> {
  const path = join(dir, METADATA);
  const content = await host.files.readIfExists(join(root, METADATA));
  if (content === undefined) {
    throw new Failure({
      code: 'installer/metadata-missing',
      message: `open ${path}: no such file or directory`,
      hint: 'give the directory of the cluster with --dir',
    });
  }
  return { host, logger, cluster: parseClusterMetadata(content.toString('utf8'), path) };
}

/** What upstream's tools for machines left, in their older versions and in newer ones. */
async function provisioningFiles({ root, host }: DestroyOptions): Promise<string[]> {
  const names = (await host.files.list(root)).filter((name) => /\.(tfstate|tfvars\.json)$/.test(name));
  return [...names, '.clusterapi_output'].map((name) => join(root, name));
}

async function prepared<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const { code, message, hint, facts } = cause;
    throw new Failure({ code, message: `${what}: ${message}`, ...(hint !== undefined && { hint }), facts });
  }
}
