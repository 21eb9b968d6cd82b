/** Work that is begun at one step and waited for at a later one. */
export interface BackgroundWork {
  /** Begins, once. */
  start(): void;
  /** Begins if that did not happen yet; ends as the work ends. */
  finish(): Promise<void>;
  /** Returns when the work has ended, in whatever way. */
  cancel(): Promise<void>;
}

export function backgroundWork(work: (signal: AbortSignal) => Promise<void>): BackgroundWork {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const begun = (): Promise<void> => {
    running ??= work(stop.signal);
    running.catch(() => {}); // told by finish
    return running;
  };
  return {
    start: () => void begun(),
    finish: begun,
    cancel: async () => {
      stop.abort();
      await Promise.allSettled([running]);
    },
  };
}
