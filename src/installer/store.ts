import { isDeepStrictEqual } from 'node:util';
import { Failure } from '#base/failure.ts';
import { debug, warn } from '#base/logger.ts';
import { type Report, renderProblem } from '#base/report.ts';
import type { AnyAsset, Asset, AssetInputs, GenerateContext, InputFile } from './asset.ts';
import { type InputProblem, problemsOf } from './refusedInput.ts';
import type { State } from './stateFile.ts';

/** Reads the files that a path of a source stands for. */
type ReadInputs = (path: string) => Promise<readonly InputFile[]>;

/** What loading found out about an asset. */
interface Loading {
  readonly asset: AnyAsset;
  /** Undefined: it has to be generated. */
  readonly found?: { readonly value: unknown };
  /** A change on disk: what depends on it has to be made again. */
  readonly isDirty: boolean;
  /** Files that were read; they are consumed unless they belong to the target. */
  readonly inputs: readonly InputFile[];
}

/** An asset that was read from the target directory. */
export interface Consumable {
  readonly asset: AnyAsset;
  readonly files: readonly InputFile[];
}

export interface StoreParts {
  readonly state: State;
  readonly readInputs: ReadInputs;
  readonly context: GenerateContext;
}

/**
 * Gets assets from the target directory, from the state file or by generating them, each at most once
 * (the state machine of spec/installer/02.2). Nothing is written here.
 */
export class AssetStore {
  readonly #parts: StoreParts;
  readonly #loadings = new Map<string, Promise<Loading>>();
  readonly #values = new Map<string, Promise<unknown>>();
  /** Of all files that were refused. */
  readonly #problems: InputProblem[] = [];

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Reads the asset's files and those of everything it is made of. @throws Failure as `fetch` */
  async load(asset: AnyAsset): Promise<void> {
    await named(asset, this.#load(asset, 0), { problems: this.#problems });
  }

  /** The asset's value. @throws Failure with the chain of names as upstream builds it */
  async fetch<Value, Inputs extends AssetInputs>(asset: Asset<Value, Inputs>): Promise<Value> {
    await this.load(asset as AnyAsset);
    return (await named(asset as AnyAsset, this.#fetch(asset as AnyAsset))) as Value;
  }

  /** What the state file is to hold: what it held, and everything that was fetched. */
  async values(): Promise<State> {
    const fetched = [...this.#values].map(async ([key, value]) => [key, await value] as const);
    return new Map([...this.#parts.state, ...(await Promise.all(fetched))]);
  }

  /** Every asset that was read from the target directory, with its files. */
  async consumable(): Promise<Consumable[]> {
    const loadings = await Promise.all(this.#loadings.values());
    return loadings.flatMap(({ asset, inputs }) => (inputs.length === 0 ? [] : [{ asset, files: inputs }]));
  }

  #load(asset: AnyAsset, depth: number): Promise<Loading> {
    const known = this.#loadings.get(asset.stateKey);
    if (known !== undefined) return known;
    const loading = this.#loadOnce(asset, depth);
    this.#loadings.set(asset.stateKey, loading);
    return loading;
  }

  async #loadOnce(asset: AnyAsset, depth: number): Promise<Loading> {
    const { state, context } = this.#parts;
    const indent = '  '.repeat(depth);
    debug(context.logger, `${indent}Loading ${asset.name}...`);
    const isParentDirty = await this.#loadInputs(asset, depth + 1);
    const onDisk = await this.#readSource(asset);
    const inState = state.has(asset.stateKey) && !isParentDirty;
    const inputs = onDisk?.files ?? [];
    if (isParentDirty) {
      if (onDisk !== undefined) {
        warn(
          context.logger,
          `${indent}Discarding the ${asset.name} that was provided in the target directory because its dependencies are dirty and it needs to be regenerated`,
        );
      }
      return { asset, isDirty: true, inputs };
    }
    if (onDisk !== undefined && !(inState && isDeepStrictEqual(onDisk.value, state.get(asset.stateKey)))) {
      debug(context.logger, `${indent}Using ${asset.name} loaded from target directory`);
      return { asset, found: { value: onDisk.value }, isDirty: true, inputs };
    }
    if (!inState) return { asset, isDirty: false, inputs };
    debug(context.logger, `${indent}Using ${asset.name} loaded from state file`);
    return { asset, found: { value: state.get(asset.stateKey) }, isDirty: false, inputs };
  }

  /** All of them, although the first failure is the one reported: a person gets the problems of all files at once. */
  async #loadInputs(asset: AnyAsset, depth: number): Promise<boolean> {
    let isDirty = false;
    const failures: unknown[] = [];
    for (const input of Object.values(asset.inputs)) {
      try {
        isDirty = (await this.#load(input, depth)).isDirty || isDirty;
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
    return isDirty;
  }

  async #readSource(asset: AnyAsset): Promise<{ value: unknown; files: readonly InputFile[] } | undefined> {
    if (asset.source === undefined) return undefined;
    const paths = [asset.source.path].flat();
    const files = (await Promise.all(paths.map((path) => this.#parts.readInputs(path)))).flat();
    if (files.length === 0) return undefined;
    try {
      const parsed = asset.source.parse(files, this.#parts.context);
      if (parsed === undefined) return undefined;
      this.#tell(parsed.warnings);
      return { value: asPlainData(parsed.value), files };
    } catch (cause) {
      if (cause instanceof Failure) this.#keepProblems(problemsOf(cause));
      throw wrapped(`failed to load asset "${asset.name}"`, cause);
    }
  }

  /** Two assets may be made of one file: its problems are told once. */
  #keepProblems(found: readonly InputProblem[]): void {
    this.#problems.push(
      ...found.filter((one) => !this.#problems.some((known) => isDeepStrictEqual(known, one))),
    );
  }

  #tell(warnings: Report): void {
    for (const problem of warnings) warn(this.#parts.context.logger, renderProblem(problem));
  }

  #fetch(asset: AnyAsset): Promise<unknown> {
    const known = this.#values.get(asset.stateKey);
    if (known !== undefined) return known;
    const value = this.#fetchOnce(asset);
    this.#values.set(asset.stateKey, value);
    return value;
  }

  async #fetchOnce(asset: AnyAsset): Promise<unknown> {
    const { context } = this.#parts;
    const { found } = await this.#load(asset, 0);
    if (found !== undefined) return found.value;
    debug(context.logger, `Fetching ${asset.name}...`);
    const inputs = await this.#fetchInputs(asset);
    debug(context.logger, `Generating ${asset.name}...`);
    try {
      return asPlainData(await asset.generate(inputs, context));
    } catch (cause) {
      throw wrapped(`failed to generate asset "${asset.name}"`, cause);
    }
  }

  /** All at once, so that keys are made in parallel; of several failures the first in order is reported. */
  async #fetchInputs(asset: AnyAsset): Promise<Record<string, unknown>> {
    const names = Object.keys(asset.inputs);
    if (asset.isInterview === true) return this.#fetchInTurn(asset);
    const results = await Promise.allSettled(names.map((name) => this.#fetch(asset.inputs[name]!)));
    const values = results.map((result) => {
      if (result.status === 'fulfilled') return result.value;
      throw wrapped(`failed to fetch dependency of "${asset.name}"`, result.reason);
    });
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }

  async #fetchInTurn(asset: AnyAsset): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const [name, input] of Object.entries(asset.inputs)) {
      values[name] = await this.#fetch(input).catch((cause: unknown) => {
        throw wrapped(`failed to fetch dependency of "${asset.name}"`, cause);
      });
    }
    return values;
  }
}

/** As the value will come back out of the state file: without members that are undefined. */
const asPlainData = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const named = <T>(asset: AnyAsset, work: Promise<T>, facts?: Failure['facts']): Promise<T> =>
  work.catch((cause: unknown) => {
    throw wrapped(`failed to fetch ${asset.name}`, cause, facts);
  });

/** Upstream's chains of reasons are part of its messages, so they are one message here too. Defects pass unchanged. */
function wrapped(what: string, cause: unknown, facts?: Failure['facts']): unknown {
  if (!(cause instanceof Failure)) return cause;
  return new Failure({
    code: cause.code,
    message: `${what}: ${cause.message}`,
    ...(cause.hint !== undefined && { hint: cause.hint }),
    ...(cause.cause !== undefined && { cause: cause.cause }),
    facts: facts ?? cause.facts,
  });
}
