import { info, type Logger } from '#base/logger.ts';
import type { StepObserver } from '#base/step.ts';

/** Steps as log lines of lca-cli, with their times; as fields too, for `--log-format json`. */
export const stepLog = (logger: Logger): StepObserver => ({
  onStart: (name, index, total) => info(logger, `step ${index + 1}/${total} "${name}"`),
  onEnd: (name, outcome, seconds) =>
    info(logger, `step "${name}": ${outcome}, ${seconds.toFixed(1)} s`, { step: name, outcome, seconds }),
});

/** This machine's architecture by the name that image configurations use. */
export const imageArchitecture = (arch: string = process.arch): string =>
  ({ x64: 'amd64', ppc64: 'ppc64le' })[arch] ?? arch;
