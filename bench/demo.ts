import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stageLine } from '#cli/timelineView.ts';
import { buildLab } from '#lab/build/all.ts';
import { cloneSeed } from '#lab/clone/clone.ts';
import { openLab } from '#lab/lab.ts';
import { upSeed } from '#lab/seed.ts';
import { tearDown } from '#lab/tearDown.ts';
import { type StageRecord, Timeline } from '#lab/timeline.ts';
import { wantedClone } from '#lab/wantedClone.ts';
import { localHost } from '#system/localHost.ts';
import { type Bench, print, row, type Section, seconds } from './section.ts';

interface DemoTimes {
  readonly stages: readonly StageRecord[];
  readonly seconds: number;
  readonly configurationSeconds: number;
  readonly secondsToKubelet: number;
  readonly badRows: number;
  readonly recert: RecertTimes;
}

/** The run that expires the seed's crypto, with the start and stop of its temporary etcd. */
interface RecertTimes {
  readonly seconds: number;
  readonly etcdKeys: number;
  readonly privateKeys: number;
}

/** The whole story, from nothing to a second cluster, stage by stage. */
export const demoSection: Section = {
  name: 'demo',
  title: 'stages of the demo',
  async run(bench) {
    const cold = bench.isCold ? mkdtempSync('/var/tmp/sower-bench-') : undefined;
    try {
      report(await measureDemo(bench.executables, cold && join(cold, 'cache')), bench);
    } finally {
      if (cold !== undefined) rmSync(cold, { recursive: true, force: true });
    }
  },
};

function report(times: DemoTimes, { isCold, floor }: Bench): void {
  for (const stage of times.stages) print(stageLine(stage, process.stdout.isTTY));
  row(
    `the whole demo, ${isCold ? 'everything built' : 'cache warm'}`,
    seconds(times.seconds),
    isCold ? 'bar 1200 s' : 'bar 180 s',
  );
  row('configuration ISO to /readyz', seconds(times.configurationSeconds), 'bar 60 s');
  row('configuration seen to kubelet started', seconds(times.secondsToKubelet), 'bar 8 s');
  row('comparisons that are not as they should be', String(times.badRows), 'bar 0');
  const { etcdKeys, privateKeys, seconds: recertSeconds } = times.recert;
  row(`recert on the seed: ${etcdKeys} etcd keys`, seconds(recertSeconds), 'bar 6 s');
  row(`floor: ${privateKeys} keys`, seconds(privateKeys * floor.secondsPerKey), '');
}

/** Runs the demo in a lab of its own and takes it down again. `cacheDirectory` other than the default is for cold runs. */
async function measureDemo(executables: string, cacheDirectory?: string): Promise<DemoTimes> {
  const lab = openLab(localHost, { name: 'bench' });
  const timeline = new Timeline({ onStart: () => {}, onEnd: () => {} });
  try {
    const products = await timeline.stage('packages, Kubernetes, images, operating system', () =>
      buildLab(cacheDirectory === undefined ? {} : { cacheDirectory }),
    );
    const seed = await upSeed(lab, products, timeline);
    const wanted = wantedClone({}, [seed.name]);
    const outcome = await cloneSeed(lab, { products, executables, wanted }, timeline);
    return {
      stages: timeline.stages,
      seconds: timeline.elapsed(),
      configurationSeconds: outcome.configurationSeconds,
      secondsToKubelet: outcome.secondsToKubelet,
      badRows: outcome.rows.filter((row) => !row.ok).length,
      recert: parseCreateLog(await lab.host.files.readText(`${lab.folder}/logs/create.log`)),
    };
  } finally {
    await tearDown(lab);
  }
}

/** Takes the figures out of the log of `lca-cli create`; its first recert run is the one that expires the crypto. */
function parseCreateLog(log: string): RecertTimes {
  const number = (pattern: RegExp): number => Number(pattern.exec(log)?.[1] ?? Number.NaN);
  return {
    seconds: number(/step=\\?"expire crypto\\?".* seconds=([\d.]+)/),
    etcdKeys: number(/of (\d+) etcd keys to write/),
    privateKeys: number(/Found (\d+) private keys/),
  };
}
