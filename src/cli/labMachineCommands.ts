import { scanMachine } from '#lab/clone/proof.ts';
import { NODE_KUBECONFIG } from '#lab/comparison/facts.ts';
import { readConsole, runningMachine, runOnTerminal } from '#lab/machines.ts';
import type { LabCommandParts, LabFlags } from './labCommands.ts';

/** Commands that look into one machine of a lab. */
export function addMachineCommands(parts: LabCommandParts): void {
  const { command, open, io, outcome } = parts;
  command('shell <machine> [argv...]', 'Run a program inside a machine; without one, a login shell.')
    .passThroughOptions()
    .action(async (name: string, argv: string[], flags: LabFlags) => {
      const machine = await runningMachine(open(flags), name);
      outcome.code = await runOnTerminal(
        machine,
        argv.length === 0 ? ['/bin/bash', '--login'] : withoutDashes(argv),
      );
    });
  command('kubectl <machine> [argv...]', 'Run kubectl on the cluster of a machine, as its administrator.')
    .passThroughOptions()
    .action(async (name: string, argv: string[], flags: LabFlags) => {
      const machine = await runningMachine(open(flags), name);
      outcome.code = await runOnTerminal(machine, [
        'kubectl',
        `--kubeconfig=${NODE_KUBECONFIG}`,
        ...withoutDashes(argv),
      ]);
    });
  command(
    'scan <clone>',
    'Look for secrets of the seed in every byte of a clone; exit code 1 if one is left.',
  ).action(async (name: string, flags: LabFlags) => {
    const lab = open(flags);
    const { leftOvers, text } = await scanMachine(lab, await runningMachine(lab, name));
    io.stdout.write(`${text.trimEnd()}\n`);
    outcome.code = leftOvers === 0 ? 0 : 1;
  });
  command('logs <machine>', "Show a machine's journal, or its console.")
    .option('--console', 'what the machine printed on its console')
    .option('--unit <unit>', 'only this unit, for example installation-configuration')
    .action(async (name: string, flags: LabFlags & { readonly console?: true; readonly unit?: string }) => {
      if (flags.console) {
        io.stdout.write(await readConsole(open(flags), name));
        return;
      }
      const machine = await runningMachine(open(flags), name);
      const unit = flags.unit === undefined ? [] : [`--unit=${flags.unit}`];
      outcome.code = await runOnTerminal(machine, ['journalctl', '--boot', '--no-pager', ...unit]);
    });
}

/** `--` is only needed where a word could be taken for an option of ours; people write it all the same. */
const withoutDashes = (argv: readonly string[]): readonly string[] =>
  argv[0] === '--' ? argv.slice(1) : argv;
