import type { Command } from 'commander';
import { buildLab, type LabProducts } from '#lab/build/all.ts';
import { printBuild } from '#lab/build/printBuild.ts';
import { cloneSeed } from '#lab/clone/clone.ts';
import { collectDiagnostics } from '#lab/diagnostics.ts';
import { obtainExecutables } from '#lab/executable.ts';
import type { DriverKind } from '#lab/infrastructure.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { describeLab } from '#lab/machines.ts';
import { upSeed } from '#lab/seed.ts';
import { readLabState } from '#lab/state.ts';
import { tearDown } from '#lab/tearDown.ts';
import { Timeline } from '#lab/timeline.ts';
import { type CloneOptions, wantedClone } from '#lab/wantedClone.ts';
import { localHost } from '#system/localHost.ts';
import { renderComparison } from './comparisonTable.ts';
import type { Io } from './io.ts';
import { addBootIso } from './labBootIso.ts';
import { addMachineCommands } from './labMachineCommands.ts';
import { renderLabStatus } from './labStatus.ts';
import { timelineView } from './timelineView.ts';

/** Width of tables where no terminal says its own. */
const PIPE_COLUMNS = 120;

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

interface CloneFlags extends LabFlags, CloneOptions {
  readonly driver: DriverKind;
  readonly all?: true;
}

function addClone({ command, open, io, outcome, obtainProducts }: LabCommandParts): void {
  const clone = command('clone', 'Clone the seed cluster (brought up first if need be) and compare the two.');
  const driver = clone
    .createOption(
      '--driver <kind>',
      'a host on this kernel, or a virtual machine that boots an ISO and its disk',
    )
    .choices(['nspawn', 'qemu'])
    .default('nspawn');
  clone
    .option('--name <name>', 'cluster name of the clone (default: made up)')
    .option('--base-domain <domain>', 'base domain of the clone')
    .option('--hostname <name>', 'host name of its node')
    .option('--ip <address>', 'address of its node in the lab network')
    .addOption(driver)
    .option('--all', 'show every line of the comparison')
    .action(async (flags: CloneFlags) => {
      const lab = open(flags);
      const timeline = new Timeline(timelineView(io.stdout));
      const products = await obtainProducts();
      const executables = await timeline.stage('programs', (note) => {
        note('cached');
        return obtainExecutables(localHost, () => note('built'));
      });
      const result = await withDiagnostics(lab, io, async () => {
        const before = await readLabState(lab);
        if (!before?.machines.some(({ role }) => role === 'seed')) await upSeed(lab, products, timeline);
        const taken = (await readLabState(lab))?.machines.map(({ address }) => address) ?? [];
        const wanted = wantedClone(flags, taken);
        return cloneSeed(lab, { products, executables, wanted, driver: flags.driver }, timeline);
      });
      io.stdout.write(
        renderComparison(result, {
          all: flags.all === true,
          color: io.stdout.isTTY,
          columns: io.stdout.isTTY ? io.stdout.columns : PIPE_COLUMNS,
        }),
      );
      io.stdout.write(
        `\n  in all ${timeline.elapsed().toFixed(1)} s; both clusters stay up until "sower lab down"\n`,
      );
      if (result.rows.some((row) => !row.ok)) outcome.code = 1;
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

/** A failure leaves what is needed to understand it in one folder, and says where. */
async function withDiagnostics<T>(lab: Lab, io: Io, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const folder = await collectDiagnostics(lab, io.now());
    if (folder !== undefined) io.stderr.write(`consoles, journals and container logs are in ${folder}\n`);
    throw error;
  }
}
