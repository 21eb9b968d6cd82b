import { setTimeout as sleep } from 'node:timers/promises';
import { info, type Logger, warn } from '#base/logger.ts';
import type { ImageStore } from '#system/imageStore.ts';

export interface PullProgress {
  readonly total: number;
  readonly pulled: number;
  readonly failed: readonly string[];
}

export interface PullOptions {
  readonly concurrency: number;
  readonly logger: Logger;
  onProgress(progress: PullProgress): Promise<void>;
  /** Ends the work: pulls under way are killed, further ones are not begun. */
  readonly signal?: AbortSignal;
  /** Seconds before the second attempt; doubled for each further one. Default 1. */
  readonly firstPauseSeconds?: number;
}

const ATTEMPTS = 5;

/**
 * Pulls every image that the store lacks, in the list's order, several at a time, with up to five attempts each and
 * growing pauses; a registry that says it has no such image is not asked again. Names of the same digest are pulled one
 * after the other, so that its blobs come over the network once. Throws only when it is ended by the signal.
 */
export async function pullImages(
  store: ImageStore,
  images: readonly string[],
  options: PullOptions,
): Promise<PullProgress> {
  const waiting = groupByDigest(images);
  const failed: string[] = [];
  let pulled = 0;
  let reporting = Promise.resolve();
  const worker = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      for (const image of group) {
        options.signal?.throwIfAborted();
        if (await pullOne(store, image, options)) pulled++;
        else failed.push(image);
        const now = { total: images.length, pulled, failed: [...failed] };
        reporting = reporting.then(() => options.onProgress(now)); // one writer of the status file at a time
      }
    }
  };
  const workers = Array.from({ length: Math.min(options.concurrency, images.length) }, worker);
  const ends = await Promise.allSettled(workers); // none may work on in a store that the caller closes
  await reporting;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { total: images.length, pulled, failed };
}

/** Names that end in the same digest, together at the place of the first. */
function groupByDigest(images: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const image of images) {
    const key = image.split('@')[1] ?? image;
    groups.set(key, [...(groups.get(key) ?? []), image]);
  }
  return [...groups.values()];
}

async function pullOne(store: ImageStore, image: string, options: PullOptions): Promise<boolean> {
  const { logger, firstPauseSeconds = 1, signal } = options;
  if (await store.exists(image)) return true;
  for (let attempt = 1; ; attempt++) {
    try {
      await store.pull(image, signal);
      info(logger, `pulled ${image}`);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      const final = attempt === ATTEMPTS || /manifest unknown|not found/i.test(reason);
      warn(logger, `attempt ${attempt} to pull ${image} failed: ${reason}`);
      if (final) return store.exists(image);
    }
    await sleep(firstPauseSeconds * 1000 * 2 ** (attempt - 1), undefined, signal && { signal });
  }
}
