import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cache, obtain, productPath, type Recipe } from '#lab/build/cache.ts';
import { runLogged } from '#lab/build/loggedCommand.ts';

let cache: Cache;
let built: number;

beforeEach(async () => {
  cache = { directory: await mkdtemp(join(tmpdir(), 'sower-cache-')) };
  built = 0;
});
afterEach(() => rm(cache.directory, { recursive: true }));

const recipe = (input = 'a', fail = false): Recipe => ({
  name: 'thing',
  revision: 1,
  inputs: { input },
  async build(place) {
    built++;
    await mkdir(join(place.product, 'folder'));
    await writeFile(join(place.product, 'folder/file'), `made of ${input}`);
    if (fail) await runLogged(place.log, ['sh', '-c', 'echo the reason; exit 3']);
    return { input };
  },
});

const content = (path: string) => readFile(join(path, 'folder/file'), 'utf8');

describe('a product', () => {
  it('is built once and found again with its facts', async () => {
    const first = await obtain(recipe(), cache);
    const second = await obtain(recipe(), cache);
    expect(built).toBe(1);
    expect(second).toEqual(first);
    expect(second.facts).toEqual({ input: 'a' });
  });

  it('is another one for other inputs, and the first stays', async () => {
    const first = await obtain(recipe('a'), cache);
    const second = await obtain(recipe('b'), cache);
    expect(await content(first.path)).toBe('made of a');
    expect(await content(second.path)).toBe('made of b');
  });

  it('is removed when three others of its name were used later', async () => {
    const first = await obtain(recipe('1'), cache);
    const second = await obtain(recipe('2'), cache);
    await obtain(recipe('3'), cache);
    await utimes(join(second.path, 'product.json'), 1, 1);
    await obtain(recipe('4'), cache);
    const kept = await readdir(cache.directory);
    expect(kept).toContain(basename(first.path));
    expect(kept).not.toContain(basename(second.path));
  });

  it('is built once when several ask at the same time', async () => {
    const products = await Promise.all([1, 2, 3].map(() => obtain(recipe(), cache)));
    expect(built).toBe(1);
    expect(new Set(products.map(({ path }) => path)).size).toBe(1);
  });

  it.each([
    ['a file is missing', (path: string) => rm(join(path, 'folder/file'))],
    ['a file is cut short', (path: string) => writeFile(join(path, 'folder/file'), '')],
    ['its record is cut short', (path: string) => writeFile(join(path, 'product.json'), '{"name":"th')],
    ['its record is missing', (path: string) => rm(join(path, 'product.json'))],
  ])('is built anew when %s', async (_, damage) => {
    const { path } = await obtain(recipe(), cache);
    await damage(path);
    expect(await content((await obtain(recipe(), cache)).path)).toBe('made of a');
    expect(built).toBe(2);
  });
});

describe('a build that fails', () => {
  it('leaves nothing but its log, whose end and path are in the message', async () => {
    const log = join(cache.directory, 'logs/thing.log');
    await expect(obtain(recipe('a', true), cache)).rejects.toMatchObject({
      code: 'lab/build-command-failed',
      message: expect.stringMatching(new RegExp(`ended with 3.*${log}.*the reason`, 's')),
    });
    expect(await readdir(cache.directory)).not.toContain(basename(productPath(recipe('a', true), cache)));
    expect(await readdir(join(cache.directory, 'building'))).toEqual([]);
    expect(await content((await obtain(recipe(), cache)).path)).toBe('made of a');
  });

  it('does not trip over what a killed build left behind', async () => {
    await mkdir(join(cache.directory, 'building/thing/product/rubbish'), { recursive: true });
    const { path } = await obtain(recipe(), cache);
    expect(await readdir(path)).toEqual(['folder', 'product.json']);
  });
});
