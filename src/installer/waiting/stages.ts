import { renderElapsed } from '#base/elapsed.ts';
import { debug, info, type Logger } from '#base/logger.ts';
import type { Clock } from './clock.ts';

/** How long the parts of an installation took (spec/installer/01.5). */
export class Stages {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #start: number;
  readonly #took: { readonly name: string; readonly milliseconds: number }[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#start = clock.now().getTime();
  }

  /** Does the work and remembers how long it took; work that failed is not told. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = this.#clock.now().getTime();
    const result = await work();
    this.#took.push({ name, milliseconds: this.#clock.now().getTime() - start });
    return result;
  }

  tell(logger: Logger): void {
    if (this.#took.length > 0) debug(logger, 'Time elapsed per stage:');
    const width = Math.max(0, ...this.#took.map(({ name }) => name.length));
    for (const { name, milliseconds } of this.#took) {
      debug(logger, `${name.padStart(width)}: ${renderElapsed(milliseconds)}`);
    }
    info(logger, `Time elapsed: ${renderElapsed(this.#clock.now().getTime() - this.#start)}`);
  }
}
