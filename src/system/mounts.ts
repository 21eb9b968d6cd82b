import type { Host } from './host.ts';

export interface MountPoint {
  readonly source: string;
  readonly target: string;
  /** `major:minor` of the device. */
  readonly device: string;
  readonly fileSystem: string;
  /** Options of the file system itself; of a cgroup v1 hierarchy its controllers. */
  readonly options: readonly string[];
}

/** What is mounted now, oldest first; blanks and the like in names are decoded. */
export async function listMountPoints(host: Host): Promise<MountPoint[]> {
  return parseMountPoints(await host.files.readText('/proc/self/mountinfo'));
}

/** /proc/PID/mountinfo: see proc_pid_mountinfo(5). */
export function parseMountPoints(text: string): MountPoint[] {
  const decode = (name: string): string =>
    name.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , device, , target] = before!.split(' ');
    const [fileSystem, source, options = ''] = after?.split(' ') ?? [];
    if (device === undefined || target === undefined || fileSystem === undefined || source === undefined)
      return [];
    return [
      { source: decode(source), target: decode(target), device, fileSystem, options: options.split(',') },
    ];
  });
}

/** Mounts a block device; the mount point is made. */
export async function mount(
  host: Host,
  device: string,
  target: string,
  options: string[] = [],
): Promise<void> {
  await host.files.makeDirectory(target);
  const flags = options.length === 0 ? [] : ['-o', options.join(',')];
  await host.run(['mount', ...flags, device, target]);
}

/** Unmounts whatever is mounted at the directories or below them, newest first. */
export async function unmountBelow(host: Host, directories: readonly string[]): Promise<void> {
  const below = (target: string): boolean =>
    directories.some((directory) => target === directory || target.startsWith(`${directory}/`));
  const targets = (await listMountPoints(host)).map((m) => m.target).filter(below);
  for (const target of targets.reverse()) await host.run(['umount', target]);
}
