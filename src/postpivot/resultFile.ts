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

export const writeResult = (files: Files, result: PostPivotResult): Promise<void> =>
  files.write(RESULT, renderPostPivotResult(result), { mode: 0o600 });

/** To milliseconds. */
export const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** Keeps the result file up to date while the steps run. */
export class ResultFile {
  readonly #world: PostPivotWorld;
  #result: PostPivotResult;

  private constructor(world: PostPivotWorld, result: PostPivotResult) {
    this.#world = world;
    this.#result = result;
  }

  /** Of a new attempt; `before` is what the last one left, `seenAt` when this one saw the configuration. */
  static async start(
    world: PostPivotWorld,
    { target, hostname }: Configuration,
    { before, seenAt }: { readonly before: PostPivotResult | undefined; readonly seenAt: number },
  ): Promise<ResultFile> {
    const { cluster_name, base_domain, cluster_id, node_ips } = target;
    const started_at = world.now().toISOString();
    const file = new ResultFile(world, {
      version: 1,
      outcome: 'running',
      attempt: (before?.attempt ?? 0) + 1,
      ...{ cluster_name, base_domain, cluster_id, hostname, node_ips },
      ...{ started_at, updated_at: started_at },
      stages: [{ name: 'configuration', outcome: 'ran', seconds: rounded(world.clock() - seenAt) }],
      ...(before?.failure && { failure: before.failure }),
    });
    await world.host.files.makeDirectory(STATE_DIRECTORY, 0o700);
    await file.update({});
    return file;
  }

  static resume(world: PostPivotWorld, result: PostPivotResult): ResultFile {
    return new ResultFile(world, result);
  }

  get nodeIps(): readonly string[] {
    return this.#result.node_ips;
  }

  get attempt(): number {
    return this.#result.attempt;
  }

  async update(change: Partial<PostPivotResult>): Promise<void> {
    this.#result = { ...this.#result, ...change, updated_at: this.#world.now().toISOString() };
    await writeResult(this.#world.host.files, this.#result);
  }

  /** What failed before is of no interest any more. */
  async succeed(outcome: 'finishing' | 'succeeded'): Promise<void> {
    const { failure: _, next_attempt_at: __, step: ___, ...result } = this.#result;
    this.#result = result;
    await this.update({ outcome });
  }

  /** Without a time of the next attempt there is none. */
  async fail(error: unknown, next: Date | undefined): Promise<void> {
    const isExpected = error instanceof Failure;
    await this.update({
      outcome: next === undefined ? 'given-up' : 'failed',
      ...(next && { next_attempt_at: next.toISOString() }),
      failure: {
        code: isExpected ? error.code : 'postpivot/defect',
        message: causeChain(error).join(': '),
        hint: (isExpected ? error.hint : undefined) ?? 'see the journal of the unit',
      },
    });
  }

  /** Records each step before the observer of the caller hears of it. */
  observer(next: StepObserver | undefined): StepObserver {
    return {
      onStart: async (name, index, total) => {
        await this.update({ step: name });
        await next?.onStart?.(name, index, total);
      },
      onEnd: async (name, outcome, seconds) => {
        const stage = { name, outcome, seconds: rounded(seconds) };
        await this.update({ stages: [...this.#result.stages, stage] });
        await next?.onEnd?.(name, outcome, seconds);
      },
    };
  }
}
