import type { Logger } from '#base/logger.ts';
import type { Report } from '#base/report.ts';
import type { IsoPlan } from '#formats/iso9660.ts';
import type { KeySource } from '#pki/keySource.ts';
import type { DataFiles } from '#system/dataFiles.ts';
import type { Interview } from './interview.ts';
import type { PasswordSource } from './passwords.ts';

/** Variables of the process's environment (spec/installer/01.6). */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How input files are read. */
export interface ReadContext {
  readonly env: Environment;
  /** `warning` reads the install-config as upstream's versions before 2026 do. */
  readonly unknownKeys: 'error' | 'warning';
  readonly now: Date;
  readonly logger: Logger;
}

/** Everything that makes two runs on the same input differ. */
export interface GenerateContext extends ReadContext {
  readonly random: (octets: number) => Buffer;
  readonly keys: KeySource;
  readonly passwords: PasswordSource;
  /** Files that are copied or rendered into assets: `src/installer/data`. */
  readonly data: DataFiles;
  /** Absent: nothing was answered beforehand and nobody can be asked. */
  readonly interview?: Interview;
}

/** A file of the target directory; the path is relative and has slashes. */
export interface AssetFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** An ISO image of the target directory. */
export interface AssetIso {
  readonly path: string;
  readonly mode: number;
  readonly plan: IsoPlan;
}

/** A copy of the CoreOS live ISO in the target directory, with an Ignition config embedded. */
export interface AssetLiveIso {
  readonly path: string;
  readonly mode: number;
  /** JSON text. */
  readonly ignition: string;
}

export interface InputFile {
  readonly path: string;
  readonly content: Buffer;
}

/** How an asset is made from files that a person put into the target directory. */
export interface AssetSource<Value> {
  /** Relative path, or `folder/*` for all YAML and JSON files of a folder; or several of them, in reading order. */
  readonly path: string | readonly string[];
  /**
   * At least one file. Undefined: these files do not give the asset, which is as if there were none of them.
   * @throws Failure when the files are not usable; its facts hold the problems
   */
  parse(files: readonly InputFile[], context: ReadContext): ParsedSource<Value> | undefined;
}

/** What an asset's files say. */
export interface ParsedSource<Value> {
  readonly value: Value;
  readonly warnings: Report;
}

/**
 * A node of the graph of what an installation is made of (spec/installer/02). Its value is plain JSON data, because
 * it is kept in the state file between runs.
 */
export interface Asset<Value, Inputs extends AssetInputs = AssetInputs> {
  /** Human name, used in messages. */
  readonly name: string;
  /** Key in the state file: scripts read some of them, so they are upstream's. */
  readonly stateKey: string;
  /** In the order in which they are loaded: the first that is broken is the one reported. */
  readonly inputs: Inputs;
  /** The inputs ask a person: one after another, and none after one that failed. */
  readonly isInterview?: true;
  readonly source?: AssetSource<Value>;
  /** Pure but for what the context gives. @throws Failure */
  generate(inputs: ValuesOf<Inputs>, context: GenerateContext): Value | Promise<Value>;
  files?(value: Value): readonly AssetFile[];
  iso?(value: Value, context: GenerateContext): AssetIso;
  liveIso?(value: Value): AssetLiveIso;
  /** What a person has to know once the files are written. */
  notice?(value: Value): string | undefined;
  /** What upstream says, beside the reason, when the asset could not be written because it could not be made. */
  readonly writeFailure?: string;
}

export type AnyAsset = Asset<unknown>;
export interface AssetInputs {
  readonly [name: string]: AnyAsset;
}
export type ValuesOf<Inputs extends AssetInputs> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends Asset<infer Value> ? Value : never;
};

/** Ties the types of an asset's inputs to its `generate`. */
export const defineAsset = <Value, Inputs extends AssetInputs>(
  asset: Asset<Value, Inputs>,
): Asset<Value, Inputs> => asset;

/** A file inside the state: upstream's shape, content in base64. */
export interface StateFileEntry {
  readonly Filename: string;
  readonly Data: string;
}

export const stateFileEntry = (path: string, content: string | Uint8Array): StateFileEntry => ({
  Filename: path,
  Data: Buffer.from(content as Uint8Array).toString('base64'),
});

/** The files of a value as they are written to the target directory: readable for the user and the group. */
export const assetFilesOf = (entries: readonly StateFileEntry[], mode = 0o640): AssetFile[] =>
  entries.map(({ Filename, Data }) => ({ path: Filename, content: Buffer.from(Data, 'base64'), mode }));
