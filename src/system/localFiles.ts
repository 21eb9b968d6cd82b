import { constants, createReadStream, createWriteStream, rmSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { FileFacts, Files, WriteOptions } from './host.ts';
import { temporaryNameOf } from './temporaryName.ts';

const STREAM_CHUNK = 1024 * 1024;

/** The files of this machine; see {@link Files} for what each promises. */
export const localFiles: Files = {
  read: (path) => wrapped('read', path, () => readFile(path)),
  readText: (path) => wrapped('read', path, () => readFile(path, 'utf8')),
  readIfExists: (path) => wrapped('read', path, () => undefinedIfMissing(readFile(path))),
  write: (path, content, options) =>
    wrapped('write', path, () => writeAtomically(path, content, options ?? {})),
  appendLine: (path, line) => wrapped('write', path, () => appendLine(path, line)),
  makeDirectory: (path, mode = 0o755) =>
    wrapped('create', path, async () => void (await mkdir(path, { recursive: true, mode }))),
  list: (path) => wrapped('list', path, async () => (await readdir(path)).sort()),
  facts: (path) => wrapped('look at', path, () => factsOf(path)),
  exists: (path) => wrapped('look at', path, async () => (await factsOf(path)) !== undefined),
  remove: (path) => wrapped('remove', path, () => rm(path, { recursive: true, force: true })),
  rename: (from, to) =>
    wrapped('rename', from, async () => {
      await rename(from, to);
      await syncDirectory(dirname(to));
    }),
  symlink: (target, path) => wrapped('create', path, () => symlink(target, path)),
  readLink: (path) => wrapped('read', path, () => readlink(path)),
  copy: (from, to) => wrapped('copy', from, () => copyKeepingFacts(from, to)),
  readAt: (path, offset, length) => wrapped('read', path, () => readAt(path, offset, length)),
  readStream: (path) => createReadStream(path, { highWaterMark: STREAM_CHUNK }),
  writeStream: (path, options = {}) => {
    rmSync(path, { force: true });
    const { mode = 0o644, isSynced = false } = options;
    return createWriteStream(path, { flags: 'wx', mode, flush: isSynced, highWaterMark: STREAM_CHUNK });
  },
};

async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions,
): Promise<void> {
  if (options.twin !== undefined) {
    await fillAndRename(options.twin, path, content);
    return;
  }
  const before = await factsOf(path);
  const keep = before?.kind === 'file' ? before : undefined;
  const mode = options.mode ?? keep?.mode ?? 0o644;
  const temporary = join(dirname(path), temporaryNameOf(basename(path)));
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    if (process.getuid?.() === 0)
      await handle.chown(options.uid ?? keep?.uid ?? 0, options.gid ?? keep?.gid ?? 0);
    await handle.chmod(mode); // open() is subject to the umask
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function fillAndRename(twin: string, path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(twin, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(twin, path);
  await syncDirectory(dirname(path));
}

async function appendLine(path: string, line: string): Promise<void> {
  const isNew = (await factsOf(path)) === undefined;
  const handle = await open(path, 'a', 0o600);
  try {
    await handle.writeFile(`${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (isNew) await syncDirectory(dirname(path));
}

async function copyKeepingFacts(from: string, to: string): Promise<void> {
  const stats = await lstat(from);
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, stats.mode & 0o7777);
  if (process.getuid?.() === 0) await chown(to, stats.uid, stats.gid);
  await utimes(to, stats.atime, stats.mtime);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function factsOf(path: string): Promise<FileFacts | undefined> {
  const stats = await undefinedIfMissing(lstat(path));
  if (stats === undefined) return undefined;
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : stats.isBlockDevice()
          ? 'block'
          : 'other';
  return { kind, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, size: stats.size };
}

async function undefinedIfMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function wrapped<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined)
      throw new Failure({ code: 'system/file', message: `could not ${verb} ${path}`, cause });
    // "ENOSPC: no space left on device, write '/path'": the path is told, and the cause has nothing to add.
    const [reason] = message.split(', ');
    throw new Failure({
      code: `system/file-${code.toLowerCase()}`,
      message: `could not ${verb} ${path}: ${reason}`,
    });
  }
}
