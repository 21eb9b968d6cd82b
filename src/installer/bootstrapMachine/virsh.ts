import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import type { Host } from '#system/host.ts';

/** Where `virsh` is run, and for which cluster. */
export interface Libvirt {
  readonly host: Pick<Host, 'run' | 'has'>;
  readonly cluster: BootstrappedCluster;
  readonly logger: Logger;
  /** Ends a program that runs. */
  readonly signal?: AbortSignal;
}

/** Everything that is made for bootstrapping has a name that begins with the infraID, at libvirt's URI. */
export interface BootstrappedCluster {
  readonly infraId: string;
  readonly libvirtUri: string;
}

/** Of the machine, its pool and, with suffixes, its volumes (spec/installer/07.5). */
export const bootstrapName = ({ cluster: { infraId } }: Libvirt): string => `${infraId}-bootstrap`;

/** What `virsh` prints. @throws Failure */
export async function virsh(
  { host, cluster, signal }: Libvirt,
  ...words: readonly string[]
): Promise<string> {
  if (!(await host.has('virsh'))) {
    throw new Failure({
      code: 'installer/virsh-missing',
      message: 'virsh is not installed',
      hint: 'install the client programs of libvirt (package libvirt-clients) and run the command again',
    });
  }
  const argv = ['virsh', '--connect', cluster.libvirtUri, ...words];
  return (await host.run(argv, { ...(signal !== undefined && { signal }) })).stdout;
}

/** The names that a command lists one in a line; those of pools are padded with blanks. */
export async function virshNames(libvirt: Libvirt, ...words: readonly string[]): Promise<string[]> {
  const text = await virsh(libvirt, ...words, '--name');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The first column of a table below a line of dashes; these names have no blanks. */
export async function virshTable(libvirt: Libvirt, ...words: readonly string[]): Promise<string[]> {
  const lines = (await virsh(libvirt, ...words)).split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.trimStart().startsWith('---')) + 1);
  return rows.map((row) => row.trim().split(/\s+/)[0]!).filter((name) => name !== '');
}
