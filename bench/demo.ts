import { buildLab } from '#lab/build/all.ts';
import { cloneSeed } from '#lab/clone/clone.ts';
import { openLab } from '#lab/lab.ts';
import { upSeed } from '#lab/seed.ts';
import { tearDown } from '#lab/tearDown.ts';
import { type StageRecord, Timeline } from '#lab/timeline.ts';
import { wantedClone } from '#lab/wantedClone.ts';
import { localHost } from '#system/localHost.ts';

export interface DemoTimes {
  readonly stages: readonly StageRecord[];
  readonly seconds: number;
  readonly configurationSeconds: number;
  readonly badRows: number;
  readonly recert: RecertTimes;
}

/** The run that expires the seed's crypto, with the start and stop of its temporary etcd. */
export interface RecertTimes {
  readonly seconds: number;
  readonly etcdKeys: number;
  readonly privateKeys: number;
}

/** Runs the demo in a lab of its own and takes it down again. `cacheDirectory` other than the default is for cold runs. */
export async function measureDemo(executables: string, cacheDirectory?: string): Promise<DemoTimes> {
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
