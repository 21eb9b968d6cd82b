import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, type Lock } from '#system/directoryLock.ts';

const NOW = new Date('2031-02-03T04:05:06Z');
const ROOT = join(import.meta.dirname, '../..');
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-lock-'));
  path = join(folder, '.lock');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const acquire = (now = NOW): Promise<Lock> => acquireLock({ path, subject: folder, now });

/** Takes the lock in a process of its own and kills that process while it has it. */
async function holdAndDie(): Promise<void> {
  const program = `
    import { acquireLock } from ${JSON.stringify(join(ROOT, 'src/system/directoryLock.ts'))};
    await acquireLock({ path: process.argv[1], subject: 'it', now: new Date() });
    process.stdout.write('held');
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program, path], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`ended with ${code}`))),
  ]);
  await expect(acquire()).rejects.toThrow(`process ${holder.pid} of `);
  holder.kill('SIGKILL');
  await ended;
}

describe('a directory lock', () => {
  it('is had by one at a time, says by whom and since when, and leaves nothing', async () => {
    const lock = await acquire();
    await expect(acquire(new Date())).rejects.toMatchObject({
      code: 'system/lock-held',
      message: expect.stringMatching(
        `^${folder} is in use by another run, process ${process.pid} of .*, since 2031-02-03T04:05:06.000Z$`,
      ),
      hint: expect.stringContaining(path),
    });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await acquire()).release();
  });

  it('is taken over from a process that was killed, by exactly one of many', async () => {
    await holdAndDie();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => acquire()));
    const won = tries.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const result of tries)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'system/lock-held' });
    await won[0]!.value.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what a process left that was killed before it had the lock', async () => {
    const lock = await acquire();
    const [name] = await readdir(path);
    const text = await readFile(join(path, name!), 'utf8');
    await lock.release();
    const gone = name!.replace(`-${process.pid}-`, '-2147483647-');
    await mkdir(`${path}.${gone}`);
    await writeFile(join(`${path}.${gone}`, gone), text);
    await (await acquire()).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [
      'a process of another place',
      { pid: 2 ** 31 - 1, startTicks: '1', place: 'elsewhere', since: 'x' },
      'of elsewhere, since x',
    ],
    ['no process at all', 'what is this', 'in use by another run'],
  ])('is respected when it belongs to %s', async (_, holder, says) => {
    await mkdir(path);
    await writeFile(join(path, 'holder'), JSON.stringify(holder));
    await expect(acquire()).rejects.toThrow(says);
    expect(await readdir(folder)).toEqual(['.lock']);
  });
});
