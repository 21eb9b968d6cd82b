import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { listMountPoints, unmountBelow } from '#system/mounts.ts';
import { waitUntil } from './waiting.ts';

/** Mount points at `folder` or below it, oldest first. */
export async function mountsBelow(host: Host, folder: string): Promise<string[]> {
  const targets = (await listMountPoints(host)).map(({ target }) => target);
  return targets.filter((target) => target === folder || target.startsWith(`${folder}/`));
}

/**
 * Unmounts everything at and below the folder, and waits for users of it that are just ending.
 * Failure `machines/mount-busy` with umount's reason.
 */
export async function releaseMounts(host: Host, folder: string): Promise<void> {
  let reason: unknown;
  const released = await waitUntil(
    async () => {
      try {
        await unmountBelow(host, [folder]);
        return true;
      } catch (error) {
        reason = error;
        return false;
      }
    },
    { timeoutSeconds: 15, everySeconds: 0.3 },
  );
  if (released) return;
  throw new Failure({
    code: 'machines/mount-busy',
    message: `could not unmount what lies below ${folder}: ${(reason as Error).message}`,
    hint: `find its users with "fuser -vm ${folder}", end them, then run the command again`,
    cause: reason,
  });
}
