import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Failure } from '#base/failure.ts';
import { parseProcessStat } from './processStat.ts';

export interface LockRequest {
  /** Absolute; its folder exists. */
  readonly path: string;
  /** What only one process may work on, for the refusal. */
  readonly subject: string;
  readonly now: Date;
}

/** A lock that this process has. */
export interface Lock {
  release(): Promise<void>;
}

/** The process that has a lock, or had it when it was killed. */
interface Holder {
  readonly pid: number;
  /** See ProcessIdentity; `''` on systems without /proc. */
  readonly startTicks: string;
  /** Where its number means something: host name and process namespace. */
  readonly place: string;
  /** RFC 3339. */
  readonly since: string;
}

/** Every try that ends without an answer was crossed by another process, which got on by it. */
const MOST_TRIES = 100;
let serial = 0;

/**
 * Takes a lock, or says who has it; a lock whose process is gone is taken over.
 *
 * Node has no flock(2). The lock is a directory with one file, named after its holder. It is prepared elsewhere and
 * renamed to its place, which the kernel allows only while nothing or an *empty* directory is there. A stale lock is
 * emptied by removing its holder's file, a name that no later process has: nobody can remove another's lock by mistake.
 *
 * @throws Failure system/lock-held
 */
export async function acquireLock(request: LockRequest): Promise<Lock> {
  const { path, now } = request;
  const holder = await thisHolder(now);
  const name = `${placeMark(holder.place)}-${holder.pid}-${holder.startTicks}-${serial++}`;
  await removeAbandoned(path, holder.place);
  const prepared = `${path}.${name}`;
  await mkdir(prepared, { mode: 0o755 });
  try {
    await writeFile(join(prepared, name), JSON.stringify(holder), { mode: 0o644 });
    for (let tries = 0; !(await isRenamed(prepared, path)); tries++) {
      if (tries === MOST_TRIES) throw heldBy(undefined, request);
      await removeIfStale(request);
    }
  } catch (cause) {
    await rm(prepared, { recursive: true, force: true });
    throw cause;
  }
  return { release: () => releaseLock(path, name) };
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** Another process may have got the lock between the two removals; then the directory is its own and stays. */
async function releaseLock(path: string, name: string): Promise<void> {
  await unlinkIfThere(join(path, name));
  await rmdir(path).catch((error: unknown) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  });
}

/** Empties the lock directory if its process is gone. @throws Failure system/lock-held when it is not */
async function removeIfStale(request: LockRequest): Promise<void> {
  const { path } = request;
  const names = await readdir(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const text = await readFile(join(path, name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined || (await mayBeAlive(holder))) throw heldBy(holder, request);
    await unlinkIfThere(join(path, name));
  }
}

/** What processes left that were killed before the lock was theirs. */
async function removeAbandoned(path: string, place: string): Promise<void> {
  const prefix = `${basename(path)}.${placeMark(place)}-`;
  const names = await readdir(dirname(path));
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const [pid, startTicks] = name.slice(prefix.length).split('-');
    if (pid === undefined || startTicks === undefined || (await isRunning(Number(pid), startTicks))) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}

async function thisHolder(now: Date): Promise<Holder> {
  const startTicks = (await statOf(process.pid))?.startTicks ?? '';
  return { pid: process.pid, startTicks, place: await thisPlace(), since: now.toISOString() };
}

/** A place in a file name. */
const placeMark = (place: string): string => createHash('sha256').update(place).digest('hex').slice(0, 8);

/** A container has process numbers of its own. */
async function thisPlace(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${namespace}`.trimEnd();
}

/** Of a process in another container or on another host (a shared directory) nothing is known. */
const mayBeAlive = async ({ place, pid, startTicks }: Holder): Promise<boolean> =>
  place !== (await thisPlace()) || (await isRunning(pid, startTicks));

async function isRunning(pid: number, startTicks: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const facts = await statOf(pid);
  if (facts === undefined) return startTicks === ''; // without /proc the number has to do
  return facts.startTicks === startTicks && !facts.isZombie;
}

const statOf = async (pid: number) =>
  parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const { pid, startTicks, place, since } = holder ?? {};
    if (!Number.isSafeInteger(pid) || (pid ?? 0) <= 0) return undefined;
    if (typeof startTicks !== 'string' || typeof place !== 'string' || typeof since !== 'string')
      return undefined;
    return { pid: pid!, startTicks, place, since };
  } catch {
    return undefined;
  }
}

function heldBy(holder: Holder | undefined, { path, subject }: LockRequest): Failure {
  const who = holder === undefined ? '' : `, process ${holder.pid} of ${holder.place}, since ${holder.since}`;
  return new Failure({
    code: 'system/lock-held',
    message: `${subject} is in use by another run${who}`,
    hint: `wait until it has ended, or end it; if it runs nowhere any more, remove ${path}`,
    facts: { ...holder },
  });
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
