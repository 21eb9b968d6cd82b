import type { Host } from './host.ts';

/**
 * cp keeps everything: owner, mode, times, links, SELinux label and other extended attributes, which only programs can
 * copy. Blocks are shared where the file system can do that, holes stay holes.
 */
const COPY = ['cp', '--archive', '--reflink=auto'];

/** Puts copies of the files and directories, with all that is in them, into an existing directory. */
export async function copyInto(host: Host, sources: readonly string[], directory: string): Promise<void> {
  if (sources.length > 0) await host.run([...COPY, `--target-directory=${directory}`, '--', ...sources]);
}

/** Copies single files and links, each to a name that is not taken; one start of xargs serves all. */
export async function copyEach(
  host: Host,
  pairs: readonly { readonly from: string; readonly to: string }[],
): Promise<void> {
  if (pairs.length === 0) return;
  await host.run(
    ['xargs', '--null', '--max-args=2', '--max-procs=4', ...COPY, '--no-target-directory', '--'],
    {
      input: pairs.map(({ from, to }) => `${from}\0${to}\0`).join(''),
    },
  );
}

/** Gives a directory the owner and the mode of another one. */
export async function copyOwnerAndMode(host: Host, from: string, to: string): Promise<void> {
  await host.run(['chown', `--reference=${from}`, '--', to]);
  await host.run(['chmod', `--reference=${from}`, '--', to]);
}

/** True if a copy of the file in that directory would share its blocks. */
export async function canShareBlocks(host: Host, file: string, directory: string): Promise<boolean> {
  const probe = `${directory}/.reflink-probe`;
  const { code } = await host.run(['cp', '--reflink=always', '--', file, probe], { okCodes: [0, 1] });
  await host.files.remove(probe);
  return code === 0;
}

/** Bytes that the trees take on disk, without what is mounted in them. */
export async function usedBytes(host: Host, paths: readonly string[]): Promise<number> {
  const { stdout } = await host.run([
    ...['du', '--summarize', '--total', '--block-size=1', '--one-file-system', '--'],
    ...paths,
  ]);
  return Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10);
}

/** Bytes that are free for root on the file system of a directory. */
export async function freeBytes(host: Host, directory: string): Promise<number> {
  const { stdout } = await host.run(['df', '--output=avail', '--block-size=1', '--', directory]);
  return Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10);
}

/** Returns when everything that was written to the file system of this path is on stable storage. */
export const syncFileSystem = async (host: Host, path: string): Promise<void> =>
  void (await host.run(['sync', '--file-system', path]));
