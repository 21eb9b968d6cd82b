import { dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { error, info, type Logger } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import type { AnyAsset, AssetFile, AssetIso, AssetLiveIso, GenerateContext } from './asset.ts';
import { type LiveIsoPlan, planLiveIso } from './liveIso.ts';
import { AssetStore } from './store.ts';
import { digestOf, TargetDirectory } from './targetDirectory.ts';
import type { Target } from './targets.ts';

export interface CreateOptions {
  /** As the user wrote it; messages show it. */
  readonly dir: string;
  /** Absolute path of `dir`. */
  readonly root: string;
  readonly files: Files;
  readonly context: GenerateContext;
  /** The path of the CoreOS live ISO that installation ISOs are copies of; asked only where a target has one. */
  readonly baseIso: () => Promise<string>;
}

/** What a target is made of, all of it known before anything is written. */
interface Output {
  readonly files: readonly AssetFile[];
  readonly isos: readonly AssetIso[];
  readonly liveIsos: readonly AssetLiveIso[];
}

/**
 * Makes a target: everything is read and generated first, then the files are written, then the state, and only then
 * the inputs are consumed. So a refusal changes nothing, and a run that was killed is finished by the same command:
 * the inputs are there until all outputs and the state are.
 *
 * @throws Failure
 */
export async function createTarget(target: Target, options: CreateOptions): Promise<void> {
  const { context } = options;
  const directory = new TargetDirectory(options.root, options.files);
  await directory.check();
  const state = await directory.readState();
  await directory.consume(state.consuming); // what a killed run did not get to
  const store = new AssetStore({
    state: state.values,
    readInputs: (path) => directory.readInputs(path),
    context,
  });
  const output = await gatherOutput(target, store, context);
  const liveIsos = await planLiveIsos(output.liveIsos, options);
  for (const file of output.files) await directory.writeFile(file);
  for (const iso of output.isos) await directory.writeIso(iso);
  for (const plan of liveIsos) {
    info(context.logger, 'Creating Image-based Installation ISO with embedded ignition');
    await directory.writeLiveIso(plan);
  }
  await consumeInputs(target, store, directory, context.logger);
  if (target.isUnannounced !== true) {
    info(context.logger, `${target.title} created in: ${renderDirectories(options.dir, output.files)}`);
  }
}

/** Gets the base image only where it is needed: it may have to be downloaded. */
async function planLiveIsos(isos: readonly AssetLiveIso[], options: CreateOptions): Promise<LiveIsoPlan[]> {
  if (isos.length === 0) return [];
  const base = await options.baseIso();
  return Promise.all(isos.map((iso) => planLiveIso(iso, base, options.files)));
}

/** Saves the state twice: with the list of what is about to be removed, and without it when that is done. */
async function consumeInputs(
  target: Target,
  store: AssetStore,
  directory: TargetDirectory,
  logger: Logger,
): Promise<void> {
  const values = await store.values();
  const consumed = (await store.consumable()).filter(
    ({ asset }) => !target.assets.some(({ stateKey }) => stateKey === asset.stateKey),
  );
  const files = consumed.flatMap((consumable) => consumable.files);
  const consuming = Object.fromEntries(files.map(({ path, content }) => [path, digestOf(content)]));
  await directory.writeState({ values, consuming });
  for (const { asset } of consumed) info(logger, `Consuming ${asset.name} from target directory`);
  await directory.consume(consuming);
  if (files.length > 0) await directory.writeState({ values, consuming: {} });
}

async function gatherOutput(target: Target, store: AssetStore, context: GenerateContext): Promise<Output> {
  for (const asset of target.assets) await tellingWriteFailure(asset, store.load(asset), context);
  const fetches = target.assets.map((asset) => store.fetch(asset));
  // Keys of all assets are made at the same time; of several failures the first in order is reported.
  await Promise.allSettled(fetches);
  const files: AssetFile[] = [];
  const isos: AssetIso[] = [];
  const liveIsos: AssetLiveIso[] = [];
  for (const [i, asset] of target.assets.entries()) {
    const value = await tellingWriteFailure(asset, fetches[i]!, context);
    files.push(...(asset.files?.(value) ?? []));
    if (asset.iso !== undefined) isos.push(asset.iso(value, context));
    if (asset.liveIso !== undefined) liveIsos.push(asset.liveIso(value));
  }
  return { files, isos, liveIsos };
}

/** Upstream tries to write an asset even if it could not be made, and says that this failed too. */
async function tellingWriteFailure<T>(
  asset: AnyAsset,
  work: Promise<T>,
  context: GenerateContext,
): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    if (asset.writeFailure !== undefined && failure instanceof Failure) {
      error(context.logger, `failed to write asset (${asset.name}) to disk: ${asset.writeFailure}`);
    }
    throw failure;
  }
}

/** `a, b and c`: the directories of the files; the target directory alone where there are more than three. */
export function renderDirectories(dir: string, files: readonly AssetFile[]): string {
  const directories = [...new Set(files.map(({ path }) => join(dir, dirname(path))))].sort();
  if (directories.length > 3) return dir;
  const last = directories.pop() ?? dir;
  return directories.length === 0 ? last : `${directories.join(', ')} and ${last}`;
}
