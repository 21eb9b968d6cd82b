import { causeChain, Failure } from '#base/failure.ts';

/** Gives what other programs and the kernel report in words of their own a name and a next step. */
export function named(error: unknown): unknown {
  const chain = causeChain(error).join('\n');
  if (/No space left on device|ENOSPC/i.test(chain)) {
    return new Failure({
      code: 'ibi/disk-full',
      message: `the target disk is full: ${lastLine(causeChain(error)[0] ?? '')}`,
      hint: 'use a larger disk, or move the extra partition (extraPartitionStart) so that the full one gets more room',
      cause: error,
    });
  }
  if (/Input\/output error|\bEIO\b/.test(chain)) {
    return new Failure({
      code: 'ibi/disk-damaged',
      message: `the target disk can't be read or written: ${lastLine(causeChain(error)[0] ?? '')}`,
      hint: 'look at the kernel log (dmesg), and replace the disk if it reports errors of this device',
      cause: error,
    });
  }
  return error;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
