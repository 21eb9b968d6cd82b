import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Failure } from '#base/failure.ts';
import { applyOverwrite } from '#formats/embedArea.ts';
import { renderIso } from '#formats/iso9660Writer.ts';
import type { Files } from '#system/host.ts';
import { isTemporaryName } from '#system/temporaryName.ts';
import type { AssetFile, AssetIso, InputFile } from './asset.ts';
import type { LiveIsoPlan } from './liveIso.ts';
import {
  type Digests,
  parseState,
  renderState,
  STATE_FILE,
  STATE_FILE_MODE,
  type StateDocument,
} from './stateFile.ts';

const DIRECTORY_MODE = 0o750;
const MANIFEST = /\.(ya?ml|json)$/;

/** The directory that a user gives with `--dir`: inputs go in, outputs come out, the state stays. */
export class TargetDirectory {
  readonly #root: string;
  readonly #files: Files;

  /** `root` is absolute. */
  constructor(root: string, files: Files) {
    this.#root = root;
    this.#files = files;
  }

  async readState(): Promise<StateDocument> {
    const path = join(this.#root, STATE_FILE);
    return parseState((await this.#files.readIfExists(path))?.toString('utf8'), path);
  }

  async writeState(state: StateDocument): Promise<void> {
    await this.#files.makeDirectory(this.#root, DIRECTORY_MODE);
    await this.#files.write(join(this.#root, STATE_FILE), renderState(state), { mode: STATE_FILE_MODE });
  }

  /** The files that a source's path stands for; see AssetSource. */
  async readInputs(path: string): Promise<InputFile[]> {
    const names = path.endsWith('/*') ? await this.#listManifests(path.slice(0, -2)) : [path];
    const found: InputFile[] = [];
    for (const name of names) {
      const content = await this.#files.readIfExists(join(this.#root, name));
      if (content !== undefined) found.push({ path: name, content });
    }
    return found;
  }

  async #listManifests(folder: string): Promise<string[]> {
    const facts = await this.#files.facts(join(this.#root, folder));
    if (facts?.kind !== 'directory') return [];
    const names = (await this.#files.list(join(this.#root, folder))).filter((name) => MANIFEST.test(name));
    const kinds = await Promise.all(names.map((name) => this.#files.facts(join(this.#root, folder, name))));
    return names.filter((_, i) => kinds[i]?.kind !== 'directory').map((name) => `${folder}/${name}`);
  }

  /** Removes what a run that was killed had begun to write into these folders; they hold secrets. */
  async removeUnfinished(folders: Iterable<string>): Promise<void> {
    for (const folder of folders) {
      const path = join(this.#root, folder);
      if ((await this.#files.facts(path))?.kind !== 'directory') continue;
      const names = (await this.#files.list(path)).filter(isTemporaryName);
      for (const name of names) await this.#files.remove(join(path, name));
    }
  }

  async writeFile(file: AssetFile): Promise<void> {
    const path = join(this.#root, file.path);
    await this.#files.makeDirectory(dirname(path), DIRECTORY_MODE);
    await this.#files.write(path, file.content, { mode: file.mode });
  }

  async writeIso(iso: AssetIso): Promise<void> {
    await this.writeFile({ path: iso.path, mode: iso.mode, content: renderIso(iso.plan) });
  }

  /** Copies the base image as a stream, because it has more than a gigabyte; it takes its place when it is whole. */
  async writeLiveIso({ path, mode, base, overwrite }: LiveIsoPlan): Promise<void> {
    const target = join(this.#root, path);
    const temporary = join(dirname(target), `.${basename(target)}.tmp`);
    await this.#files.makeDirectory(dirname(target), DIRECTORY_MODE);
    try {
      await pipeline(
        this.#files.readStream(base),
        (source: AsyncIterable<Uint8Array>) => applyOverwrite(source, overwrite),
        this.#files.writeStream(temporary, { mode, isSynced: true }),
      );
      await this.#files.rename(temporary, target);
    } catch (cause) {
      await this.#files.remove(temporary);
      throw cause;
    }
  }

  /** Removes input files that still have the content they were read with, and the directories that are empty then. */
  async consume(digests: Digests): Promise<void> {
    for (const [path, digest] of Object.entries(digests)) {
      const content = await this.#files.readIfExists(join(this.#root, path));
      if (content === undefined || digestOf(content) !== digest) continue;
      await this.removeFile(path);
    }
  }

  /** Removes a file, which may be missing, and the directories that are empty then. */
  async removeFile(path: string): Promise<void> {
    await this.#files.remove(join(this.#root, path));
    await this.#removeEmpty(dirname(path));
  }

  async #removeEmpty(folder: string): Promise<void> {
    if (folder === '.') return;
    const path = join(this.#root, folder);
    if ((await this.#files.exists(path)) && (await this.#files.list(path)).length === 0) {
      await this.#files.remove(path);
      await this.#removeEmpty(dirname(folder));
    }
  }

  /** @throws Failure installer/directory-unusable when the directory, or a folder in it, is something else than one */
  async check(folder = '.'): Promise<void> {
    const path = join(this.#root, folder);
    const facts = await this.#files.facts(path);
    if (facts === undefined || facts.kind === 'directory' || facts.kind === 'symlink') return;
    throw new Failure({
      code: 'installer/directory-unusable',
      message: `${path} is not a directory`,
      hint: folder === '.' ? 'give a directory with --dir' : 'move it out of the way; nothing was changed',
    });
  }
}

/** Name of a content in the state's list of inputs that are being consumed. */
export const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
