import { Failure } from '#base/failure.ts';
import { checkCapacity } from '#lab/clone/capacity.ts';
import { cloneSeed } from '#lab/clone/clone.ts';
import { cloneFleet } from '#lab/clone/fleet.ts';
import { makeSource, type SourceInput } from '#lab/clone/source.ts';
import { obtainExecutables } from '#lab/executable.ts';
import type { DriverKind } from '#lab/infrastructure.ts';
import type { Lab } from '#lab/lab.ts';
import { upSeed } from '#lab/seed.ts';
import { readLabState } from '#lab/state.ts';
import { Timeline } from '#lab/timeline.ts';
import { type CloneOptions, checkCloneName, wantedClone, wantedFleet } from '#lab/wantedClone.ts';
import { localHost } from '#system/localHost.ts';
import { renderComparison } from './comparisonTable.ts';
import { FleetView, isAsItShouldBe } from './fleetView.ts';
import type { LabCommandParts, LabFlags } from './labCommands.ts';
import { tellDiagnostics, withDiagnostics } from './labDiagnostics.ts';
import { timelineView } from './timelineView.ts';

/** Width of tables where no terminal says its own. */
const PIPE_COLUMNS = 120;

interface CloneFlags extends LabFlags, CloneOptions {
  readonly driver: DriverKind;
  readonly count?: number;
  readonly remove?: true;
  readonly all?: true;
}

/** A lab with its seed up, and what clones of that are made with. */
interface Workshop {
  readonly lab: Lab;
  readonly input: SourceInput;
  /** Addresses of the lab's machines. */
  readonly taken: readonly string[];
  readonly timeline: Timeline;
}

/** `sower lab clone`: one clone, or several at the same time. */
export function addClone(parts: LabCommandParts): void {
  const { command } = parts;
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
    .option('--count <n>', 'so many clones at the same time, named NAME-1, NAME-2 and so on', parseCount)
    .option('--remove', 'take each clone down again as soon as it is compared')
    .addOption(driver)
    .option('--all', 'show every line of the comparison')
    .action(async (flags: CloneFlags) => {
      checkFlags(flags);
      const workshop = await openWorkshop(parts, flags);
      const isGood = await withDiagnostics(workshop.lab, parts.io, () =>
        flags.count === undefined && flags.remove === undefined
          ? makeOne(parts, flags, workshop)
          : makeFleet(parts, flags, workshop),
      );
      if (!isGood) parts.outcome.code = 1;
    });
}

/** The largest number of hosts that have an address in the lab's network. */
const MOST = 200;

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new Failure({
    code: 'cli/bad-count',
    message: `--count ${text}: not a number from 1 to ${MOST}`,
    hint: 'give the number of clones, for example --count 4',
  });
}

/** What can be refused before a seed is brought up. */
function checkFlags({ name, count, hostname, ip }: CloneFlags): void {
  if (name !== undefined) checkCloneName(count === undefined ? name : `${name}-${count}`);
  if (count === undefined || (hostname === undefined && ip === undefined)) return;
  throw new Failure({
    code: 'cli/flags-exclude-each-other',
    message: `${hostname === undefined ? '--ip' : '--hostname'} is of one host, --count makes several`,
    hint: 'leave one of the two out; the clones take free addresses',
  });
}

async function openWorkshop(
  { open, io, obtainProducts }: LabCommandParts,
  flags: CloneFlags,
): Promise<Workshop> {
  const lab = open(flags);
  const timeline = new Timeline(timelineView(io.stdout));
  const products = await obtainProducts();
  const executables = await timeline.stage('programs', (note) => {
    note('cached');
    return obtainExecutables(localHost, () => note('built'));
  });
  const before = await readLabState(lab);
  if (!before?.machines.some(({ role }) => role === 'seed')) {
    await withDiagnostics(lab, io, () => upSeed(lab, products, timeline));
  }
  const taken = (await readLabState(lab))?.machines.map(({ address }) => address) ?? [];
  return { lab, input: { products, executables, driver: flags.driver }, taken, timeline };
}

/** True if every line of the comparison is as it should be. */
async function makeOne({ io }: LabCommandParts, flags: CloneFlags, workshop: Workshop): Promise<boolean> {
  const { lab, input, taken, timeline } = workshop;
  const outcome = await cloneSeed(lab, { ...input, wanted: wantedClone(flags, taken) }, timeline);
  io.stdout.write(renderComparison(outcome, tableOptions({ io }, flags)));
  io.stdout.write(
    `\n  in all ${timeline.elapsed().toFixed(1)} s; both clusters stay up until "sower lab down"\n`,
  );
  return outcome.rows.every((row) => row.ok);
}

/** True if that can be said of every clone. */
async function makeFleet({ io }: LabCommandParts, flags: CloneFlags, workshop: Workshop): Promise<boolean> {
  const { lab, input, taken, timeline } = workshop;
  const fleet =
    flags.count === undefined ? [wantedClone(flags, taken)] : wantedFleet(flags, flags.count, taken);
  await checkCapacity(lab, fleet.length, flags.driver);
  const source = await makeSource(lab, input, timeline);
  const view = new FleetView(
    io.stdout,
    fleet.map(({ clusterName }) => clusterName),
  );
  const began = timeline.elapsed();
  try {
    const members = fleet.map((wanted) => ({
      wanted,
      timeline: new Timeline(view.member(wanted.clusterName)),
    }));
    const ends = await cloneFleet(lab, source, members, {
      timeline: new Timeline(view.seed),
      onEnd: (end) => view.ended(end),
      ...(flags.remove && { remove: true }),
    });
    view.close();
    for (const { outcome } of ends) {
      const isShown = outcome !== undefined && (flags.all || outcome.rows.some((row) => !row.ok));
      if (isShown) io.stdout.write(renderComparison(outcome, tableOptions({ io }, flags)));
    }
    const seconds = [timeline.elapsed() - began, timeline.elapsed()].map((time) => time.toFixed(1));
    io.stdout.write(
      `\n  ${fleet.length === 1 ? 'one clone' : `${fleet.length} clones`} in ${seconds[0]} s, in all ${seconds[1]} s\n`,
    );
    if (ends.some(({ error }) => error !== undefined)) await tellDiagnostics(lab, io);
    return ends.every(isAsItShouldBe);
  } finally {
    view.close();
  }
}

const tableOptions = ({ io }: Pick<LabCommandParts, 'io'>, flags: CloneFlags) => ({
  all: flags.all === true,
  color: io.stdout.isTTY,
  columns: io.stdout.isTTY ? io.stdout.columns : PIPE_COLUMNS,
});
