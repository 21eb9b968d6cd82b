import type { RecertConfig } from '#api/recertConfig.ts';
import type { RunFigures } from './metrics.ts';
import type { RecertOptions } from './options.ts';
import type { Regenerated } from './regenerate.ts';
import type { CryptoGraph } from './relate.ts';

/** What is known of a run so far; its summaries and metrics are made of it, also if it fails. */
export interface RunFacts {
  readonly config: RecertConfig;
  /** Text of the configuration file, where there was one. */
  readonly configFile?: string;
  options?: RecertOptions;
  graph?: CryptoGraph;
  regenerated?: Regenerated;
  infraId?: string;
  /** None for a failed run. */
  runTimes?: RunTimes;
  error?: string;
  readonly figures: {
    readonly seconds: Record<string, number>;
    found: RunFigures['found'];
    written: RunFigures['written'];
    leftovers?: number;
  };
}

/** Seconds by stage, as the summary has them. */
export interface RunTimes {
  readonly scan: number;
  readonly rsa: number;
  readonly processing: number;
  readonly commit: number;
  readonly postprocessing: number;
  readonly etcdCommit: number;
}
