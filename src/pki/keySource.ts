import type { KeyObject } from 'node:crypto';
import { generateKey, type KeySpec, keySpecName } from './keys.ts';

/** Where fresh private keys come from; every call gives a key that nobody else gets. */
export interface KeySource {
  next(spec: KeySpec): Promise<KeyObject>;
}

interface Waiter {
  readonly resolve: (key: KeyObject) => void;
  readonly reject: (reason: unknown) => void;
}

/** What is known about the keys of one kind. */
interface Stock {
  readonly spec: KeySpec;
  readonly ready: KeyObject[];
  readonly waiting: Waiter[];
  /** Keys still to be made ahead of requests. */
  ahead: number;
  inFlight: number;
}

/**
 * Makes keys with exactly `concurrency` generations in flight (the number of CPUs; more only adds contention, and
 * libuv's pool needs UV_THREADPOOL_SIZE of at least as much). RSA keys cost a tenth of a second of CPU each and are
 * the floor under every re-keying, so `makeAhead` starts them while the caller still finds out how many it needs.
 */
export class KeyPool implements KeySource {
  readonly #concurrency: number;
  readonly #generate: (spec: KeySpec) => Promise<KeyObject>;
  readonly #stocks = new Map<string, Stock>();
  #inFlight = 0;

  constructor(options: { concurrency: number; generate?: (spec: KeySpec) => Promise<KeyObject> }) {
    this.#concurrency = Math.max(1, options.concurrency);
    this.#generate = options.generate ?? generateKey;
  }

  next(spec: KeySpec): Promise<KeyObject> {
    const stock = this.#stockOf(spec);
    const ready = stock.ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      stock.waiting.push({ resolve, reject });
      // A request beyond the keys in flight takes over one that was to be made ahead, if there is one.
      if (stock.waiting.length > stock.inFlight && stock.ahead > 0) stock.ahead--;
      this.#fill();
    });
  }

  /** Makes `count` more keys of a kind while there is nothing requested to do. */
  makeAhead(spec: KeySpec, count: number): void {
    this.#stockOf(spec).ahead += count;
    this.#fill();
  }

  /** Ends making ahead (generations in flight end by themselves); requests are still served. */
  stopMakingAhead(): void {
    for (const stock of this.#stocks.values()) stock.ahead = 0;
  }

  #stockOf(spec: KeySpec): Stock {
    const name = keySpecName(spec);
    const stock = this.#stocks.get(name) ?? { spec, ready: [], waiting: [], ahead: 0, inFlight: 0 };
    this.#stocks.set(name, stock);
    return stock;
  }

  #fill(): void {
    while (this.#inFlight < this.#concurrency) {
      const stocks = [...this.#stocks.values()];
      const requested = stocks.find(({ waiting, inFlight }) => waiting.length > inFlight);
      const stock = requested ?? stocks.find(({ ahead }) => ahead > 0);
      if (stock === undefined) return;
      if (requested === undefined) stock.ahead--;
      this.#start(stock);
    }
  }

  #start(stock: Stock): void {
    this.#inFlight++;
    stock.inFlight++;
    const ended = (): void => {
      this.#inFlight--;
      stock.inFlight--;
    };
    this.#generate(stock.spec).then(
      (key) => {
        ended();
        const waiter = stock.waiting.shift();
        if (waiter === undefined) stock.ready.push(key);
        else waiter.resolve(key);
        this.#fill();
      },
      (reason: unknown) => {
        ended();
        // A failed generation ahead of requests is tried again by whoever asks.
        stock.waiting.shift()?.reject(reason);
        this.#fill();
      },
    );
  }
}
