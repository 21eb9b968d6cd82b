import { expect, test } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import type { ImageStore } from '#system/imageStore.ts';
import { type PullProgress, pullImages } from './pullImages.ts';

/** A store whose pulls fail as often as `failures` says; what is pulled exists. */
function fakeStore(failures: Readonly<Record<string, number>>, reason = 'timeout') {
  const attempts = new Map<string, number>();
  const present = new Set<string>(['there']);
  let running = 0;
  let mostRunning = 0;
  const store: ImageStore = {
    kind: 'podman',
    list: async () => [],
    exists: async (image) => present.has(image),
    prune: async () => {},
    close: async () => {},
    pull: async (image) => {
      mostRunning = Math.max(mostRunning, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      const attempt = (attempts.get(image) ?? 0) + 1;
      attempts.set(image, attempt);
      if (attempt <= (failures[image] ?? 0)) throw new Error(reason);
      present.add(image);
    },
  };
  return { store, attempts, mostRunning: () => mostRunning };
}

async function pull(store: ImageStore, images: readonly string[], concurrency = 2) {
  const progress: PullProgress[] = [];
  const result = await pullImages(store, images, {
    concurrency,
    logger: silentLogger,
    firstPauseSeconds: 0,
    onProgress: async (now) => void progress.push(now),
  });
  return { result, progress };
}

test('pulls what is missing, with bounded concurrency, and reports after each image', async () => {
  const { store, attempts, mostRunning } = fakeStore({});
  const { result, progress } = await pull(store, ['a', 'there', 'b', 'c', 'd'], 3);
  expect(result).toEqual({ total: 5, pulled: 5, failed: [] });
  expect([...attempts.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(mostRunning()).toBe(3);
  expect(progress.map((p) => p.pulled)).toEqual([1, 2, 3, 4, 5]);
});

test('tries five times, and the others go on', async () => {
  const { store, attempts } = fakeStore({ a: 4, b: 5 });
  const { result } = await pull(store, ['a', 'b', 'c']);
  expect(result).toEqual({ total: 3, pulled: 2, failed: ['b'] });
  expect(attempts.get('b')).toBe(5);
});

test('an image that does not exist is asked for once', async () => {
  const { store, attempts } = fakeStore({ a: 9 }, 'reading manifest: manifest unknown');
  expect((await pull(store, ['a'])).result.failed).toEqual(['a']);
  expect(attempts.get('a')).toBe(1);
});

test('names of one digest are pulled one after the other', async () => {
  const { store, attempts, mostRunning } = fakeStore({});
  const images = ['a.test/x@sha256:1', 'b.test/y@sha256:1', 'a.test/x:tag@sha256:1'];
  expect((await pull(store, images, 3)).result.pulled).toBe(3);
  expect(attempts.size).toBe(3);
  expect(mostRunning()).toBe(1);
});

test('the signal ends it: nothing further is begun, and no pause is waited for', async () => {
  const { store, attempts } = fakeStore({ a: 9 });
  const stop = new AbortController();
  const work = pullImages(store, ['a', 'b'], {
    concurrency: 1,
    logger: { log: () => stop.abort() },
    firstPauseSeconds: 3600,
    signal: stop.signal,
    onProgress: async () => {},
  });
  await expect(work).rejects.toThrow('abort');
  expect([...attempts]).toEqual([['a', 1]]);
});
