import { info } from '#base/logger.ts';
import type { IbiContext } from './context.ts';

const SECONDS_BETWEEN = 5;
const MIB = 1024 ** 2;

export interface Amount {
  /** What is counted, as a heading of the line: `seed image`. */
  readonly what: string;
  readonly unit: 'bytes' | 'images';
  readonly total: number;
}

/** Log lines with percent and amount, at most one in five seconds and one at the end; fields for `--log-format json`. */
export function progressLog(
  { logger, clock }: Pick<IbiContext, 'logger' | 'clock'>,
  amount: Amount,
): (done: number) => void {
  const { what, unit, total } = amount;
  let last = clock();
  let ended = false;
  return (done) => {
    const isEnd = done >= total;
    if (ended || (!isEnd && clock() - last < SECONDS_BETWEEN)) return;
    last = clock();
    ended = isEnd;
    const percent = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
    const fields = { progress: what, percent, unit, done, total };
    info(
      logger,
      `${what}: ${percent} %, ${renderAmount(done, amount)} of ${renderAmount(total, amount)}`,
      fields,
    );
  };
}

const renderAmount = (count: number, { unit }: Amount): string =>
  unit === 'bytes' ? renderBytes(count) : `${count} images`;

/** For people. */
export const renderBytes = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toFixed(bytes < 100 * MIB ? 1 : 0)} MiB`;
