import { Failure } from '#base/failure.ts';
import type { DriverKind } from '../infrastructure.ts';
import type { Lab } from '../lab.ts';

const GIB = 1024 ** 3;

/** What one more host takes, the seed's boot beside it included; a virtual machine has its memory to itself. */
const MEMORY: Readonly<Record<DriverKind, number>> = { nspawn: 0.8 * GIB, qemu: 4.2 * GIB };
/** Its disk, and for as long as it is installed a copy of the live system. */
const DISK = 3 * GIB;

/**
 * Refuses a fleet that this machine can't hold, before anything is made for it: a kernel that runs out of memory ends
 * programs at random. Failures `lab/too-little-memory`, `lab/too-little-disk`.
 */
export async function checkCapacity(lab: Lab, count: number, driver: DriverKind): Promise<void> {
  const memory = parseAvailableMemory(await lab.host.files.readText('/proc/meminfo'));
  refuseMore('memory', { count, free: memory, each: MEMORY[driver] });
  const argv = ['df', '--block-size=1', '--output=avail', lab.folder];
  const disk = Number((await lab.host.run(argv)).stdout.trim().split('\n').at(-1));
  refuseMore('disk', { count, free: disk, each: DISK });
}

/** Bytes that programs can have without anything else being ended or swapped; proc(5), MemAvailable. */
const parseAvailableMemory = (meminfo: string): number =>
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;

function refuseMore(
  what: 'memory' | 'disk',
  { count, free, each }: { readonly count: number; readonly free: number; readonly each: number },
): void {
  const most = Math.floor(free / each);
  if (count <= most) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Failure({
    code: `lab/too-little-${what}`,
    message: `${count} clones need ${gigabytes(count * each)} of ${what}, ${gigabytes(free)} are free`,
    hint: most === 0 ? `free some ${what}` : `make ${most} at the same time at most, or free some ${what}`,
  });
}
