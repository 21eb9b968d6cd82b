import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { stageLine } from '#cli/timelineView.ts';
import { obtainExecutables } from '#lab/executable.ts';
import { localHost } from '#system/localHost.ts';
import { type DemoTimes, measureDemo } from './demo.ts';
import { measureRsaFloor } from './rsaFloor.ts';
import { medianMilliseconds, megabytes } from './startup.ts';

/**
 * `npm run bench [-- --cold]`: the figures of this machine, each beside its bar or its floor.
 * `--cold` builds everything anew into a cache of its own first, which takes a quarter of an hour.
 */
const ROUNDS = 15;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const row = (what: string, measured: string, beside: string): void =>
  print(`  ${what.padEnd(50)} ${measured.padStart(10)}   ${beside}`);

print(`load before: ${loadavg()[0]?.toFixed(2)} (figures of a busy machine say little)\n`);
const executables = await obtainExecutables(localHost, () => {});
reportStartup(executables);
const floor = await measureRsaFloor();
row('RSA-2048 key, all cores busy', `${(floor.secondsPerKey * 1000).toFixed(0)} ms`, `${floor.cores} cores`);
const cold = process.argv.includes('--cold') ? mkdtempSync('/var/tmp/sower-bench-') : undefined;
try {
  const times = await measureDemo(executables, cold === undefined ? undefined : join(cold, 'cache'));
  reportDemo(times, cold !== undefined);
  reportRecert(times, floor.secondsPerKey);
} finally {
  if (cold !== undefined) rmSync(cold, { recursive: true, force: true });
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
