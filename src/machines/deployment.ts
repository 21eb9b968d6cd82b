import { posix } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { deploymentLink, findDefaultEntry, parseBootEntry } from './bootEntry.ts';

/** An OSTree deployment on a mounted disk; absolute paths of this machine. */
export interface Deployment {
  readonly stateroot: string;
  /** The root file system of the deployment. */
  readonly root: string;
  /** The stateroot's own /var. */
  readonly varFolder: string;
  readonly kernelArguments: readonly string[];
}

/**
 * The deployment that a boot of this disk would start, found as boot loader and initramfs find it: newest entry in
 * boot/loader, then the link named by its `ostree=`. Failure `machines/nothing-to-boot`.
 */
export async function findBootDeployment(host: Host, sysroot: string): Promise<Deployment> {
  const folder = `${sysroot}/boot/loader/entries`;
  const names = (await host.files.exists(folder)) ? await host.files.list(folder) : [];
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.conf')).map((name) => host.files.readText(`${folder}/${name}`)),
  );
  const entry = findDefaultEntry(texts.map(parseBootEntry));
  const link = entry && deploymentLink(entry);
  if (entry === undefined || link === undefined) throw nothingToBoot(folder);
  const path = `${sysroot}${link}`;
  const root = posix.resolve(posix.dirname(path), await host.files.readLink(path));
  const [, stateroot] = /\/ostree\/deploy\/([^/]+)\/deploy\/[^/]+$/.exec(root) ?? [];
  if (stateroot === undefined) throw nothingToBoot(path);
  const varFolder = `${sysroot}/ostree/deploy/${stateroot}/var`;
  return { stateroot, root, varFolder, kernelArguments: entry.kernelArguments };
}

const nothingToBoot = (path: string): Failure =>
  new Failure({
    code: 'machines/nothing-to-boot',
    message: `no OSTree deployment to boot was found at ${path}`,
    hint: 'the installation on this disk did not finish; install it again',
  });
