import type { Command } from 'commander';
import { buildLab, type LabProducts } from '#lab/build/all.ts';
import { printBuild } from '#lab/build/printBuild.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { describeLab } from '#lab/machines.ts';
import { upSeed } from '#lab/seed.ts';
import { tearDown } from '#lab/tearDown.ts';
import { Timeline } from '#lab/timeline.ts';
import { localHost } from '#system/localHost.ts';
import type { Io } from './io.ts';
import { addBootIso } from './labBootIso.ts';
import { addClone } from './labClone.ts';
import { withDiagnostics } from './labDiagnostics.ts';
import { addMachineCommands } from './labMachineCommands.ts';
import { renderLabStatus } from './labStatus.ts';
import { timelineView } from './timelineView.ts';

export interface LabFlags {
  readonly lab: string;
}

/** How a lab command reaches its lab; shared by the files that declare commands. */
export interface LabCommandParts {
  readonly io: Io;
  /** Set to something else than 0 when a command did its work and the answer is "no". */
  readonly outcome: { code: number };
  readonly open: (flags: LabFlags) => Lab;
  /** What a lab is made of, built where it is not in the cache. */
  readonly obtainProducts: () => Promise<LabProducts>;
  readonly command: (name: string, summary: string) => Command;
}

/** `sower lab …`: local hosts in which the whole story runs for real. */
export function addLabCommands(program: Command, io: Io, outcome: { code: number }): void {
  program.enablePositionalOptions();
  const lab = program
    .command('lab')
    .description('Run a seed cluster and its clones on this machine.')
    .enablePositionalOptions();
  const parts: LabCommandParts = {
    io,
    outcome,
    open: (flags) => openLab(localHost, { name: flags.lab, stateFolder: io.env['SOWER_STATE'] }),
    obtainProducts: () => buildLab({ observer: printBuild((line) => io.stdout.write(`${line}\n`)) }),
    command: (name, summary) =>
      lab
        .command(name)
        .description(summary)
        .option('--lab <name>', 'which lab; several may be up side by side', 'lab'),
  };
  addUp(parts);
  addClone(parts);
  addStatusAndDown(parts);
  addMachineCommands(parts);
  addBootIso(parts);
}

function addUp({ command, open, io, obtainProducts }: LabCommandParts): void {
  command('up', 'Bring up the seed cluster.').action(async (flags: LabFlags) => {
    const products = await obtainProducts();
    const lab = open(flags);
    await withDiagnostics(lab, io, () => upSeed(lab, products, new Timeline(timelineView(io.stdout))));
  });
}

function addStatusAndDown({ command, open, io }: LabCommandParts): void {
  command('status', 'Show the machines of the lab and what this machine holds for them.').action(
    async (flags: LabFlags) => {
      const lab = open(flags);
      io.stdout.write(renderLabStatus(lab.name, await describeLab(lab), io.stdout.isTTY));
    },
  );
  command('down', 'Stop everything of the lab and remove its disks.')
    .option('--keep-disks', 'keep the folder of the lab')
    .action(async (flags: LabFlags & { readonly keepDisks?: true }) => {
      await tearDown(open(flags), { keepFolder: flags.keepDisks === true });
      io.stdout.write(`lab ${flags.lab} is down\n`);
    });
}
