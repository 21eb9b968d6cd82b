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
  /** Seconds before the second attempt; doubled for each further one. Default 1. */
  readonly firstPauseSeconds?: number;
}

const ATTEMPTS = 5;

/**
 * Pulls every image that the store lacks, in the list's order, several at a time, with up to five attempts each and
 * growing pauses; a registry that says it has no such image is not asked again. Never throws for an image.
 */
export async function pullImages(
  store: ImageStore,
  images: readonly string[],
  options: PullOptions,
): Promise<PullProgress> {
  const waiting = [...images];
  const failed: string[] = [];
  let pulled = 0;
  let reporting = Promise.resolve();
  const worker = async (): Promise<void> => {
    for (let image = waiting.shift(); image !== undefined; image = waiting.shift()) {
      if (await pullOne(store, image, options)) pulled++;
      else failed.push(image);
      const now = { total: images.length, pulled, failed: [...failed] };
      reporting = reporting.then(() => options.onProgress(now)); // one writer of the status file at a time
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, images.length) }, worker));
  await reporting;
  return { total: images.length, pulled, failed };
}

async function pullOne(store: ImageStore, image: string, options: PullOptions): Promise<boolean> {
  const { logger, firstPauseSeconds = 1 } = options;
  if (await store.exists(image)) return true;
  for (let attempt = 1; ; attempt++) {
    try {
      await store.pull(image);
      info(logger, `pulled ${image}`);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const final = attempt === ATTEMPTS || /manifest unknown|not found/i.test(reason);
      warn(logger, `attempt ${attempt} to pull ${image} failed: ${reason}`);
      if (final) return store.exists(image);
    }
    await sleep(firstPauseSeconds * 1000 * 2 ** (attempt - 1));
  }
}
