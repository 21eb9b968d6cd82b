import { Readable, Writable } from 'node:stream';
import { Failure } from '#base/failure.ts';
import type { FileFacts, Files, Host, RunningProgram, RunOptions, RunResult, WriteOptions } from './host.ts';

export type Answer = (
  argv: readonly string[],
  options: RunOptions,
) => Partial<RunResult> | undefined | Promise<Partial<RunResult> | undefined>;

interface Node {
  readonly facts: FileFacts;
  readonly content: Buffer;
}

/** A host in memory for unit tests: files in a map, programs answered by a function, every command recorded. */
export class MemoryHost implements Host {
  readonly commands: (readonly string[])[] = [];
  readonly files: MemoryFiles;
  #answer: Answer;
  #programs: readonly string[] | undefined;

  /** `programs`: those that are installed; left out, every program is. */
  constructor(
    files: Readonly<Record<string, string | Uint8Array>> = {},
    answer: Answer = () => ({}),
    programs?: readonly string[],
  ) {
    this.files = new MemoryFiles(files);
    this.#answer = answer;
    this.#programs = programs;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    this.commands.push(argv);
    const result = { code: 0, stdout: '', stderr: '', ...(await this.#answer(argv, options)) };
    if (!(options.okCodes ?? [0]).includes(result.code)) {
      throw new Failure({
        code: 'system/command-failed',
        message: `${argv.join(' ')}: exit code ${result.code}: ${result.stderr}`,
      });
    }
    return result;
  }

  start(argv: readonly string[]): RunningProgram {
    throw new Error(`MemoryHost can't stream ${argv.join(' ')}`);
  }

  async launch(argv: readonly string[]): Promise<number> {
    throw new Error(`MemoryHost can't launch ${argv.join(' ')}`);
  }

  async has(program: string): Promise<boolean> {
    return this.#programs?.includes(program) ?? true;
  }
}

export class MemoryFiles implements Files {
  readonly #nodes = new Map<string, Node>();

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    for (const [path, content] of Object.entries(files)) this.#put(path, content, {});
  }

  /** Path -> text of every regular file, sorted by path; what tests compare. */
  tree(): Record<string, string> {
    const entries = [...this.#nodes]
      .filter(([, node]) => node.facts.kind === 'file')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([path, node]) => [path, node.content.toString('utf8')]));
  }

  async read(path: string): Promise<Buffer> {
    const node = this.#nodes.get(path);
    if (node?.facts.kind === 'symlink') return this.read(node.content.toString('utf8'));
    if (node === undefined) throw missing('read', path);
    return node.content;
  }

  async readText(path: string): Promise<string> {
    return (await this.read(path)).toString('utf8');
  }

  async readIfExists(path: string): Promise<Buffer | undefined> {
    return this.#nodes.has(path) ? this.read(path) : undefined;
  }

  async write(path: string, content: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
    this.#put(path, content, options);
  }

  async appendLine(path: string, line: string): Promise<void> {
    this.#put(path, `${(await this.readIfExists(path))?.toString('utf8') ?? ''}${line}\n`, {});
  }

  async makeDirectory(path: string, mode = 0o755): Promise<void> {
    for (let at = path; at !== '/' && at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      if (!this.#nodes.has(at))
        this.#nodes.set(at, { facts: factsOf('directory', mode, 0), content: Buffer.alloc(0) });
    }
  }

  async list(path: string): Promise<string[]> {
    if (!(await this.exists(path))) throw missing('list', path);
    const prefix = path === '/' ? '/' : `${path}/`;
    const names = [...this.#nodes.keys()]
      .filter((p) => p.startsWith(prefix))
      .map((p) => p.slice(prefix.length).split('/')[0]!);
    return [...new Set(names)].sort();
  }

  async facts(path: string): Promise<FileFacts | undefined> {
    return this.#nodes.get(path)?.facts;
  }

  async exists(path: string): Promise<boolean> {
    return path === '/' || this.#nodes.has(path);
  }

  async remove(path: string): Promise<void> {
    for (const key of [...this.#nodes.keys()])
      if (key === path || key.startsWith(`${path}/`)) this.#nodes.delete(key);
  }

  async rename(from: string, to: string): Promise<void> {
    if (!this.#nodes.has(from)) throw missing('rename', from);
    await this.remove(to);
    for (const [key, node] of [...this.#nodes]) {
      if (key !== from && !key.startsWith(`${from}/`)) continue;
      this.#nodes.delete(key);
      this.#nodes.set(to + key.slice(from.length), node);
    }
  }

  async symlink(target: string, path: string): Promise<void> {
    this.#nodes.set(path, { facts: factsOf('symlink', 0o777, target.length), content: Buffer.from(target) });
  }

  async readLink(path: string): Promise<string> {
    const node = this.#nodes.get(path);
    if (node?.facts.kind !== 'symlink') throw missing('read', path);
    return node.content.toString('utf8');
  }

  async copy(from: string, to: string): Promise<void> {
    const mode = (await this.facts(from))?.mode;
    this.#put(to, await this.read(from), mode === undefined ? {} : { mode });
  }

  async readAt(path: string, offset: number, length: number): Promise<Buffer> {
    return (await this.read(path)).subarray(offset, offset + length);
  }

  readStream(path: string): Readable {
    const node = this.#nodes.get(path);
    return node === undefined
      ? new Readable({ read: (): void => {} }).destroy(missing('read', path))
      : Readable.from([node.content]);
  }

  writeStream(path: string, options: WriteOptions = {}): Writable {
    const chunks: Buffer[] = [];
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(Buffer.from(chunk));
        done();
      },
      final: (done) => {
        this.#put(path, Buffer.concat(chunks), options);
        done();
      },
    });
  }

  #put(path: string, content: string | Uint8Array, options: WriteOptions): void {
    const bytes = Buffer.from(content as Uint8Array);
    const before = this.#nodes.get(path)?.facts;
    const mode = options.mode ?? before?.mode ?? 0o644;
    const owner = { uid: options.uid ?? before?.uid ?? 0, gid: options.gid ?? before?.gid ?? 0 };
    this.#nodes.set(path, { facts: { ...factsOf('file', mode, bytes.length), ...owner }, content: bytes });
    const parent = path.slice(0, path.lastIndexOf('/'));
    for (let at = parent; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      if (!this.#nodes.has(at))
        this.#nodes.set(at, { facts: factsOf('directory', 0o755, 0), content: Buffer.alloc(0) });
    }
  }
}

const factsOf = (kind: FileFacts['kind'], mode: number, size: number): FileFacts => ({
  kind,
  mode,
  uid: 0,
  gid: 0,
  size,
});

const missing = (verb: string, path: string): Failure =>
  new Failure({ code: 'system/file-enoent', message: `could not ${verb} ${path}: ENOENT` });
