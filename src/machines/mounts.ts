import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { waitUntil } from './waiting.ts';

export interface Mount {
  readonly mountPoint: string;
  readonly fileSystem: string;
  readonly source: string;
  /** Options of the file system itself; for cgroup v1 the controllers. */
  readonly options: readonly string[];
}

/** /proc/PID/mountinfo, see proc(5): blanks and the like in paths are octal escapes. Oldest mount first. */
export function parseMountInfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const mountPoint = left?.split(' ')[4];
    const [fileSystem, source, options] = right?.split(' ') ?? [];
    if (mountPoint === undefined || fileSystem === undefined || source === undefined) return [];
    return [
      {
        mountPoint: decodeEscapes(mountPoint),
        fileSystem,
        source: decodeEscapes(source),
        options: (options ?? '').split(','),
      },
    ];
  });
}

const decodeEscapes = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

export const listMounts = async (host: Host): Promise<Mount[]> =>
  parseMountInfo(await host.files.readText('/proc/self/mountinfo'));

/** Mounts at `folder` or below it, oldest first. */
export async function mountsBelow(host: Host, folder: string): Promise<Mount[]> {
  const mounts = await listMounts(host);
  return mounts.filter((m) => m.mountPoint === folder || m.mountPoint.startsWith(`${folder}/`));
}

/**
 * Unmounts everything at and below the folder, newest first, and waits for users of it that are just ending.
 * Failure `machines/mount-busy` with umount's reason.
 */
export async function unmountBelow(host: Host, folder: string): Promise<void> {
  let reason = '';
  const done = await waitUntil(
    async () => {
      for (const mount of (await mountsBelow(host, folder)).reverse()) {
        const result = await host.run(['umount', '--', mount.mountPoint], { okCodes: [0, 1, 32] });
        if (result.code !== 0) reason = result.stderr.trim();
      }
      return (await mountsBelow(host, folder)).length === 0;
    },
    { timeoutSeconds: 15, everySeconds: 0.3 },
  );
  if (done) return;
  throw new Failure({
    code: 'machines/mount-busy',
    message: `could not unmount what lies below ${folder}: ${reason}`,
    hint: `find its users with "fuser -vm ${folder}", end them, then run the command again`,
  });
}
