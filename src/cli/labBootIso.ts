import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { bootIso } from '#lab/bootIso.ts';
import { LAB_NETWORK, LAB_REGISTRY } from '#lab/network.ts';
import type { LabCommandParts, LabFlags } from './labCommands.ts';

const INTERRUPTED = 130; // as a shell says it: 128 + SIGINT

interface BootIsoFlags extends LabFlags {
  readonly name?: string;
  readonly disk?: string;
}

/** `sower lab boot-iso`: for trying an ISO of one's own. */
export function addBootIso({ command, open, io, outcome, obtainProducts }: LabCommandParts): void {
  command(
    'boot-iso <file>',
    'Boot an ISO in a virtual machine of the lab and show its console until it goes off.',
  )
    .option('--name <name>', 'name of the machine (default: made up)')
    .option(
      '--disk <file>',
      'disk image that stays, made where there is none (default: an empty one that goes)',
    )
    .action(async (file: string, flags: BootIsoFlags) => {
      const products = await obtainProducts();
      const stop = new AbortController();
      const onInterrupt = (): void => stop.abort();
      process.once('SIGINT', onInterrupt);
      io.stdout.write(
        `network ${LAB_NETWORK.subnet} without DHCP, registry ${LAB_REGISTRY.endpoint}; Ctrl-C ends the machine\n`,
      );
      try {
        await bootIso(open(flags), products, {
          iso: resolve(io.cwd, file),
          name: flags.name ?? `iso-${randomBytes(3).toString('hex')}`,
          ...(flags.disk !== undefined && { disk: resolve(io.cwd, flags.disk) }),
          signal: stop.signal,
          onConsole: (text) => io.stdout.write(text),
        });
      } finally {
        process.off('SIGINT', onInterrupt);
      }
      if (stop.signal.aborted) outcome.code = INTERRUPTED;
    });
}
