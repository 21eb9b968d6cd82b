import type { Command } from 'commander';
import { buildLab } from '#lab/build/all.ts';
import { printBuild } from '#lab/build/printBuild.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { upSeed } from '#lab/seed.ts';
import { tearDown } from '#lab/tearDown.ts';
import { Timeline } from '#lab/timeline.ts';
import { localHost } from '#system/localHost.ts';
import type { Io } from './io.ts';
import { timelineView } from './timelineView.ts';

interface LabFlags {
  readonly lab: string;
}

/** `sower lab …`: local hosts in which the whole story runs for real. */
export function addLabCommands(program: Command, io: Io, outcome: { code: number }): void {
  const lab = program.command('lab').description('Run a seed cluster and its clones on this machine.');
  const open = (flags: LabFlags): Lab => openLab(localHost, { name: flags.lab, stateFolder: io.env['SOWER_STATE'] });
  const command = (name: string, summary: string) =>
    lab.command(name).description(summary).option('--lab <name>', 'which lab; several may be up side by side', 'lab');

  command('up', 'Bring up the seed cluster.').action(async (flags: LabFlags) => {
    const products = await buildLab({ observer: printBuild((line) => io.stdout.write(`${line}\n`)) });
    await upSeed(open(flags), products, new Timeline(timelineView(io.stdout)));
  });
  command('down', 'Stop everything of the lab and remove its disks.').action(async (flags: LabFlags) => {
    await tearDown(open(flags));
    outcome.code = 0;
  });
}
