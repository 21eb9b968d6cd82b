import { type PostPivotResult, parsePostPivotResult, renderPostPivotResult } from '#api/postPivotResult.ts';
import { causeChain, Failure } from '#base/failure.ts';
import type { StepObserver } from '#base/step.ts';
import type { Files } from '#system/host.ts';
import { RESULT, STATE_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import type { Configuration } from './validate.ts';

/** What an earlier attempt reported; undefined where there was none, or none that can be read. */
export async function readResult(files: Files): Promise<PostPivotResult | undefined> {
  const text = (await files.readIfExists(RESULT))?.toString('utf8');
  const result = text === undefined ? undefined : parsePostPivotResult(text);
  return result?.ok ? result.value : undefined;
}

/** Keeps the result file up to date while the steps run. */
export class ResultFile {
  readonly #world: PostPivotWorld;
  #result: PostPivotResult;

  private constructor(world: PostPivotWorld, result: PostPivotResult) {
    this.#world = world;
    this.#result = result;
  }

  static async start(world: PostPivotWorld, { target, hostname }: Configuration): Promise<ResultFile> {
    const { cluster_name, base_domain, cluster_id, node_ips } = target;
    const started_at = world.now().toISOString();
    const file = new ResultFile(world, {
      version: 1,
      outcome: 'running',
      ...{ cluster_name, base_domain, cluster_id, hostname, node_ips },
      ...{ started_at, updated_at: started_at, stages: [] },
    });
    await world.host.files.makeDirectory(STATE_DIRECTORY, 0o700);
    await file.update({});
    return file;
  }

  static resume(world: PostPivotWorld, result: PostPivotResult): ResultFile {
    return new ResultFile(world, result);
  }

  async update(change: Partial<Pick<PostPivotResult, 'outcome' | 'node_ips'>>): Promise<void> {
    this.#result = { ...this.#result, ...change, updated_at: this.#world.now().toISOString() };
    await this.#world.host.files.write(RESULT, renderPostPivotResult(this.#result), { mode: 0o600 });
  }

  async fail(error: unknown): Promise<void> {
    const isExpected = error instanceof Failure;
    this.#result = {
      ...this.#result,
      failure: {
        code: isExpected ? error.code : 'postpivot/defect',
        message: causeChain(error).join(': '),
        hint: (isExpected ? error.hint : undefined) ?? 'the unit tries again by itself; see its journal',
      },
    };
    await this.update({ outcome: 'failed' });
  }

  /** Records each step before the observer of the caller hears of it; written with the next update. */
  observer(next: StepObserver | undefined): StepObserver {
    return {
      onStart: (name, index, total) => next?.onStart?.(name, index, total),
      onEnd: (name, outcome, seconds) => {
        const stage = { name, outcome, seconds: Math.round(seconds * 1000) / 1000 };
        this.#result = { ...this.#result, stages: [...this.#result.stages, stage] };
        next?.onEnd?.(name, outcome, seconds);
      },
    };
  }
}
