import { dirname } from 'node:path';
import { type IbiResult, type IbiStage, renderIbiResult } from '#api/ibiResult.ts';
import { Failure } from '#base/failure.ts';
import { warn } from '#base/logger.ts';
import type { StepObserver } from '#base/step.ts';
import { callBack } from '#system/callBack.ts';
import type { IbiContext } from './context.ts';

type Facts = Partial<Pick<IbiResult, 'seed_image' | 'seed_digest' | 'resumed' | 'precache'>>;

/** The course of an installation: a file that is always up to date, and a call at the end. */
export interface ResultLog {
  /** Told about every stage, in addition to the context's own observer. */
  readonly observer: StepObserver;
  /** What became known meanwhile. */
  note(facts: Facts): void;
  /** Bytes that the running stage has moved. */
  moved(bytes: number): void;
  /** Writes the outcome and calls back; neither can fail the installation. */
  end(error?: unknown): Promise<void>;
}

/** Opens the log; nothing is written yet. */
export function openResultLog(context: IbiContext): ResultLog {
  const { config, options, now, clock, observer, host, logger } = context;
  const started = { at: now().toISOString(), clock: clock() };
  const stages: IbiStage[] = [];
  let bytes: number | undefined;
  let facts: Facts = {};
  let writing = Promise.resolve();

  const resultOf = (outcome: IbiResult['outcome'], failure?: IbiResult['failure']): IbiResult => ({
    ...{ version: 1, outcome, tool_version: options.toolVersion },
    ...{ seed_image: config.seedImage, seed_digest: '', seed_version: config.seedVersion },
    ...{ installation_disk: config.installationDisk, resumed: false },
    ...{ started_at: started.at, updated_at: now().toISOString(), seconds: clock() - started.clock, stages },
    ...facts,
    ...(failure && { failure }),
  });
  /** One write at a time, in order. */
  const write = (result: IbiResult): Promise<void> => {
    const text = renderIbiResult(result);
    writing = writing
      .then(async () => {
        await host.files.makeDirectory(dirname(options.resultFile));
        await host.files.write(options.resultFile, text, { mode: 0o600 });
      })
      .catch((error: Error) => warn(logger, `the result could not be written: ${error.message}`));
    return writing;
  };
  return {
    observer: {
      onStart: (...args) => observer?.onStart?.(...args),
      onEnd: (name, outcome, seconds) => {
        stages.push({ name, outcome, seconds, ...(bytes !== undefined && { bytes }) });
        bytes = undefined;
        observer?.onEnd?.(name, outcome, seconds);
        void write(resultOf('running'));
      },
    },
    note: (more) => {
      facts = { ...facts, ...more };
    },
    moved: (count) => {
      bytes = count;
    },
    end: async (error) => {
      const result = resultOf(error === undefined ? 'succeeded' : 'failed', failureOf(error));
      await write(result);
      await tell(context, result);
    },
  };
}

/** A defect's text is for the log only. */
function failureOf(error: unknown): IbiResult['failure'] {
  if (error === undefined) return undefined;
  if (!(error instanceof Failure))
    return { code: 'ibi/defect', message: 'a defect of lca-cli', hint: 'see the log' };
  return { code: error.code, message: error.message, hint: error.hint ?? '' };
}

async function tell({ options, env, logger }: IbiContext, result: IbiResult): Promise<void> {
  const { callbackUrl } = options;
  if (callbackUrl === undefined) return;
  const fault = await callBack({ url: callbackUrl, body: renderIbiResult(result), env });
  if (fault !== undefined) warn(logger, `the result could not be called back: ${fault}`);
}
