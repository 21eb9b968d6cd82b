import { dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { error, info } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import type { AnyAsset, AssetFile, AssetIso, AssetLiveIso, GenerateContext, InputFile } from './asset.ts';
import { type LiveIsoPlan, planLiveIso } from './liveIso.ts';
import { STATE_FILE, type StateDocument } from './stateFile.ts';
import { AssetStore, type Consumable } from './store.ts';
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
  /** Looks at what the target is made of before anything is written. @throws Failure where that can't be used */
  readonly inspect?: (store: AssetStore) => Promise<void>;
  /** Inputs stay in the directory. */
  readonly keepsInputs?: boolean;
}

/** What a target is made of, all of it known before anything is written. */
interface Output {
  readonly files: readonly AssetFile[];
  readonly isos: readonly AssetIso[];
  readonly liveIsos: readonly AssetLiveIso[];
  readonly notices: readonly string[];
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
  await options.inspect?.(store);
  const liveIsos = await planLiveIsos(output.liveIsos, options);
  const folders = new Set(['.', ...output.files.map(({ path }) => dirname(path))]);
  for (const folder of folders) await directory.check(folder);
  await directory.removeUnfinished(folders);
  // All at once: each waits for the disk.
  await Promise.all(output.files.map((file) => directory.writeFile(file)));
  for (const iso of output.isos) await directory.writeIso(iso);
  for (const plan of liveIsos) {
    info(context.logger, 'Creating Image-based Installation ISO with embedded ignition');
    await directory.writeLiveIso(plan);
  }
  await saveState(target, { store, directory, before: state, options });
  for (const notice of output.notices) info(context.logger, notice);
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

interface Made {
  readonly store: AssetStore;
  readonly directory: TargetDirectory;
  readonly before: StateDocument;
  readonly options: CreateOptions;
}

/** Where inputs are removed, the state is saved twice: with the list of them, and without it when they are gone. */
async function saveState(target: Target, { store, directory, before, options }: Made): Promise<void> {
  const { logger, now } = options.context;
  const values = await store.values();
  const made = { ...before.made, [target.title]: now.toISOString() };
  const consumables = options.keepsInputs === true ? [] : await findConsumables(target, store);
  const files = consumables.flatMap((consumable) => consumable.files);
  if (files.length === 0) {
    await directory.writeState({ values, made, consuming: {}, consumed: before.consumed });
    return;
  }
  const consuming = byPath(files, digestOf);
  const consumed = { ...before.consumed, ...byPath(files, base64Of) };
  await directory.writeState({ values, made, consuming, consumed });
  for (const { asset } of consumables) info(logger, `Consuming ${asset.name} from target directory`);
  info(logger, `Consumed files are kept in ${STATE_FILE}; with --keep they stay where they are`);
  await directory.consume(consuming);
  await directory.writeState({ values, made, consuming: {}, consumed });
}

/** What was read and is not made by the target itself. */
async function findConsumables(target: Target, store: AssetStore): Promise<Consumable[]> {
  const own = new Set(target.assets.map(({ stateKey }) => stateKey));
  return (await store.consumable()).filter(({ asset }) => !own.has(asset.stateKey));
}

const byPath = (files: readonly InputFile[], render: (content: Buffer) => string): Record<string, string> =>
  Object.fromEntries(files.map(({ path, content }) => [path, render(content)]));

const base64Of = (content: Buffer): string => content.toString('base64');

async function gatherOutput(target: Target, store: AssetStore, context: GenerateContext): Promise<Output> {
  for (const asset of target.assets) await tellingWriteFailure(asset, store.load(asset), context);
  const fetches = target.assets.map((asset) => store.fetch(asset));
  // Keys of all assets are made at the same time; of several failures the first in order is reported.
  await Promise.allSettled(fetches);
  const files: AssetFile[] = [];
  const isos: AssetIso[] = [];
  const liveIsos: AssetLiveIso[] = [];
  const notices: string[] = [];
  for (const [i, asset] of target.assets.entries()) {
    const value = await tellingWriteFailure(asset, fetches[i]!, context);
    files.push(...(asset.files?.(value) ?? []));
    if (asset.iso !== undefined) isos.push(asset.iso(value, context));
    if (asset.liveIso !== undefined) liveIsos.push(asset.liveIso(value));
    const notice = asset.notice?.(value);
    if (notice !== undefined) notices.push(notice);
  }
  return { files, isos, liveIsos, notices };
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
