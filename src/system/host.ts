import type { Readable, Writable } from 'node:stream';

/** How an external program is started. There is never a shell in between. */
export interface RunOptions {
  /** Replaces nothing: it is laid over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Exit codes that are an answer and not a failure; default `[0]`. */
  readonly okCodes?: readonly number[];
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs beside us. `done` rejects with a Failure when the exit code is not in `okCodes`. */
export interface RunningProgram {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly done: Promise<RunResult>;
  kill(signal: NodeJS.Signals): void;
}

/** How a program that outlives this process is started. */
export interface LaunchOptions {
  /** Its output and errors are appended to this file (made with mode 0600 when missing); it has no input. */
  readonly log: string;
  /** Laid over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Directories of control groups, one per hierarchy, that it is moved to before it does anything. */
  readonly cgroups?: readonly string[];
}

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'symlink' | 'block' | 'other';
  /** Permission bits, for example 0o600. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
}

export interface WriteOptions {
  /** Default 0o644. The file has this mode from its first byte. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /**
   * An existing file in the same directory that is filled and then takes the path's place. It keeps its owner, mode,
   * SELinux label and other attributes; the other options are not looked at.
   */
  readonly twin?: string;
}

/** The host's files. Every path is absolute. Missing files are `undefined` or `false` where that is an answer, a Failure elsewhere. */
export interface Files {
  read(path: string): Promise<Buffer>;
  readText(path: string): Promise<string>;
  readIfExists(path: string): Promise<Buffer | undefined>;
  /** Temporary file in the same directory, fsync, rename, fsync of the directory; an existing file keeps owner and mode unless given. */
  write(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<void>;
  /** Appends one line and returns when it is on stable storage. */
  appendLine(path: string, line: string): Promise<void>;
  /** Creates missing parents too; an existing directory keeps its mode. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /** Names, sorted. */
  list(path: string): Promise<string[]>;
  /** Of the thing itself: symbolic links are not followed. */
  facts(path: string): Promise<FileFacts | undefined>;
  exists(path: string): Promise<boolean>;
  /** Recursive; a missing path is fine. Never crosses into another file system's mount by following links. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string>;
  /** Copies one file with mode, owner and times. */
  copy(from: string, to: string): Promise<void>;
  /** For files too large for memory; errors arrive on the stream. */
  readStream(path: string): Readable;
  /** A piece of a file or block device; fewer bytes only where it ends. */
  readAt(path: string, offset: number, length: number): Promise<Buffer>;
  /**
   * Not atomic: for work files only. An existing file is replaced; the new one has its mode from the first byte.
   * `isSynced`: it is on stable storage when the stream is closed.
   */
  writeStream(path: string, options?: { readonly mode?: number; readonly isSynced?: boolean }): Writable;
}

/** The machine a story works on: run programs and touch files, nothing else. All effects of all stories go through this. */
export interface Host {
  /** Runs a program to its end; a Failure `system/command-failed` carries a pasteable command line, the code and the last kilobyte of stderr. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a program and streams its input and output. */
  start(argv: readonly string[], options?: RunOptions): RunningProgram;
  /** Starts a program in a session of its own that goes on when this process ends; the answer is its process id. */
  launch(argv: readonly string[], options: LaunchOptions): Promise<number>;
  /** True if a program of that name is on the PATH. */
  has(program: string): Promise<boolean>;
  readonly files: Files;
}
