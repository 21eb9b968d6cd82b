import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { stageLine } from '#cli/timelineView.ts';
import { obtainExecutables } from '#lab/executable.ts';
import { localHost } from '#system/localHost.ts';
import { type DemoTimes, measureDemo } from './demo.ts';
import { measureRecert, type RecertFigures, type RecertRun } from './recert.ts';
import { measureRsaFloor } from './rsaFloor.ts';
import { medianMilliseconds, megabytes } from './startup.ts';

/**
 * `npm run bench [-- recert] [-- --cold]`: the figures of this machine, each beside its bar or its floor; `recert`: of
 * recert alone. `--cold` builds everything anew into a cache of its own first, which takes a quarter of an hour.
 */
const ROUNDS = 15;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** Of one run. */
const seconds = (run: RecertRun): string => `${run.seconds.toFixed(1)} s`;
const row = (what: string, measured: string, beside: string): void =>
  print(`  ${what.padEnd(50)} ${measured.padStart(10)}   ${beside}`);

print(`load before: ${loadavg()[0]?.toFixed(2)} (figures of a busy machine say little)\n`);
const executables = await obtainExecutables(localHost, () => {});
const floor = await measureRsaFloor();
row('RSA-2048 key, all cores busy', `${(floor.secondsPerKey * 1000).toFixed(0)} ms`, `${floor.cores} cores`);
reportClusters(await measureRecert(join(executables, 'recert')));
if (!process.argv.includes('recert')) {
  reportStartup(executables);
  await reportLab();
}
print(`\nload after: ${loadavg()[0]?.toFixed(2)}`);

async function reportLab(): Promise<void> {
  const cold = process.argv.includes('--cold') ? mkdtempSync('/var/tmp/sower-bench-') : undefined;
  try {
    const times = await measureDemo(executables, cold === undefined ? undefined : join(cold, 'cache'));
    reportDemo(times, cold !== undefined);
    reportRecert(times, floor.secondsPerKey);
  } finally {
    if (cold !== undefined) rmSync(cold, { recursive: true, force: true });
  }
}

/** Bars of recert: the figures of the original are in its specification. */
function reportClusters({ plain, pooled, bundled, grown }: RecertFigures): void {
  print('\n  recert, the proof included');
  row("the generator's cluster", seconds(plain), 'bar 4 s (the original: 132 to 174 s)');
  row('with keys made before', seconds(pooled), 'bar 1 s');
  const more = bundled.seconds - pooled.seconds;
  row('20 public bundles more', `+${more.toFixed(1)} s`, 'bar +1 s (the original: +158 s)');
  for (const [index, size] of grown.entries()) {
    const before = grown[index - 1];
    const ratio =
      before === undefined ? '' : `, ${(size.seconds / before.seconds).toFixed(1)} times, bar 2.2`;
    row(`${size.keys} keys in etcd`, seconds(size), `${size.peakMegabytes.toFixed(0)} MB, bar 600${ratio}`);
  }
}

function reportStartup(folder: string): void {
  const node = medianMilliseconds([process.execPath, '-e', '0'], ROUNDS);
  row('node -e 0', `${node.toFixed(0)} ms`, 'floor of every start');
  for (const program of ['lca-cli', 'recert']) {
    const help = medianMilliseconds([join(folder, program), '--help'], ROUNDS);
    row(`${program} --help`, `${help.toFixed(0)} ms`, `+${(help - node).toFixed(0)} ms`);
  }
  row('size of the executable', `${megabytes(join(folder, 'sower')).toFixed(0)} MB`, '');
}

function reportDemo(times: DemoTimes, isCold: boolean): void {
  print(`\n  stages of the demo${isCold ? ', everything built' : ', cache warm'}`);
  for (const stage of times.stages) print(stageLine(stage, process.stdout.isTTY));
  row('the whole demo', `${times.seconds.toFixed(1)} s`, isCold ? 'bar 1200 s' : 'bar 180 s');
  row('configuration ISO to /readyz', `${times.configurationSeconds.toFixed(1)} s`, 'bar 60 s');
  row('comparisons that are not as they should be', String(times.badRows), 'bar 0');
}

function reportRecert({ recert }: DemoTimes, secondsPerKey: number): void {
  print('');
  row(`recert on the seed: ${recert.etcdKeys} etcd keys`, `${recert.seconds.toFixed(1)} s`, 'bar 6 s');
  row(`floor: ${recert.privateKeys} keys`, `${(recert.privateKeys * secondsPerKey).toFixed(1)} s`, '');
}
