import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { acquireLock } from './lock.ts';

/** Written last, so its presence says that the product is whole. */
const RECORD = 'product.json';
const CHECKED_DEPTH = 2;
/** Products of one name that stay: going back to an earlier state of the sources costs nothing. */
const KEPT = 3;

/** What decides whether a product has to be built anew: plain values in a fixed order of names. */
type Inputs = Readonly<Record<string, string | readonly string[]>>;

/** How a product is made. `revision` is raised when the steps change in a way that `inputs` don't show. */
export interface Recipe {
  readonly name: string;
  readonly revision: number;
  readonly inputs: Inputs;
  /** Fills `place.product`; returns facts worth keeping beside it, such as the package versions that were used. */
  build(place: BuildPlace): Promise<Readonly<Record<string, string>>>;
}

/** Where a recipe works. All but the log is gone when the build fails. */
export interface BuildPlace {
  /** Empty directory that becomes the product. */
  readonly product: string;
  /** For whatever is needed on the way. */
  readonly scratch: string;
  readonly log: string;
  /** Runs a named part of the build and reports its time. */
  stage<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface CacheObserver {
  onHit?(name: string, path: string): void;
  /** Another process builds the same product. */
  onWait?(name: string): void;
  onBuildStart?(name: string, log: string): void;
  onStage?(name: string, stage: string, seconds: number): void;
  onBuilt?(name: string, path: string, seconds: number): void;
}

export interface Product {
  readonly path: string;
  readonly digest: string;
  /** What the recipe's `build` returned when the product was made. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface Cache {
  readonly directory: string;
  readonly observer?: CacheObserver;
}

interface ProductRecord {
  readonly name: string;
  readonly digest: string;
  readonly inputs: Inputs;
  readonly facts: Readonly<Record<string, string>>;
  /** Path to size in bytes of the files of the upper levels. */
  readonly files: Readonly<Record<string, number>>;
}

/** `$XDG_CACHE_HOME/sower`, by default `~/.cache/sower`. */
export function defaultCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  // The XDG base directory specification: a relative path is to be ignored.
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'sower');
}

/** Hex digest of a recipe's name, revision and inputs; the order of the input names doesn't matter. */
export function digestOf(recipe: Pick<Recipe, 'name' | 'revision' | 'inputs'>): string {
  const inputs = Object.entries(recipe.inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([recipe.name, recipe.revision, inputs]))
    .digest('hex');
}

/** Where a product of this recipe lies or would lie. */
export const productPath = (recipe: Recipe, cache: Cache): string =>
  join(cache.directory, `${recipe.name}-${digestOf(recipe).slice(0, 16)}`);

/** The product of the recipe: from the cache when it is there and whole, otherwise built now. Safe across processes. */
export async function obtain(recipe: Recipe, cache: Cache): Promise<Product> {
  const ready = await findProduct(recipe, cache);
  if (ready !== undefined) return ready;
  await mkdir(join(cache.directory, 'locks'), { recursive: true });
  const lock = await acquireLock(join(cache.directory, 'locks', recipe.name), () =>
    cache.observer?.onWait?.(recipe.name),
  );
  try {
    return (await findProduct(recipe, cache)) ?? (await build(recipe, cache));
  } finally {
    await lock.release();
  }
}

async function findProduct(recipe: Recipe, cache: Cache): Promise<Product | undefined> {
  const path = productPath(recipe, cache);
  const record = await readRecord(path);
  if (record === undefined || record.digest !== digestOf(recipe)) return undefined;
  if (JSON.stringify(record.files) !== JSON.stringify(await sizesOf(path))) return undefined;
  const now = new Date();
  await utimes(join(path, RECORD), now, now); // for removeOldest
  cache.observer?.onHit?.(recipe.name, path);
  return { path, digest: record.digest, facts: record.facts };
}

async function build(recipe: Recipe, cache: Cache): Promise<Product> {
  const path = productPath(recipe, cache);
  const work = join(cache.directory, 'building', recipe.name);
  const log = join(cache.directory, 'logs', `${recipe.name}.log`);
  const started = performance.now();
  // What a killed build left under the same name; the lock is ours, so nobody works in it.
  await Promise.all([work, path, log].map((leftover) => rm(leftover, { recursive: true, force: true })));
  const place = placeIn(work, log, recipe, cache);
  for (const directory of [place.product, place.scratch, join(cache.directory, 'logs')]) {
    await mkdir(directory, { recursive: true });
  }
  cache.observer?.onBuildStart?.(recipe.name, log);
  try {
    const facts = await recipe.build(place);
    const record: ProductRecord = {
      name: recipe.name,
      digest: digestOf(recipe),
      inputs: recipe.inputs,
      facts,
      files: await sizesOf(place.product),
    };
    await writeFile(join(place.product, RECORD), `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    await rename(place.product, path);
    await removeOldest(recipe.name, cache);
    cache.observer?.onBuilt?.(recipe.name, path, secondsSince(started));
    return { path, digest: record.digest, facts };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function placeIn(work: string, log: string, recipe: Recipe, cache: Cache): BuildPlace {
  return {
    product: join(work, 'product'),
    scratch: join(work, 'scratch'),
    log,
    async stage(name, run) {
      const started = performance.now();
      const result = await run();
      cache.observer?.onStage?.(recipe.name, name, secondsSince(started));
      return result;
    },
  };
}

/** Keeps the products of that name that were used last. */
async function removeOldest(name: string, cache: Cache): Promise<void> {
  const ours = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const paths = (await readdir(cache.directory)).filter((entry) => ours.test(entry));
  const used = await Promise.all(
    paths.map(async (entry) => {
      const path = join(cache.directory, entry);
      return { path, at: (await stat(join(path, RECORD))).mtimeMs };
    }),
  );
  used.sort((a, b) => b.at - a.at);
  for (const { path } of used.slice(KEPT)) await rm(path, { recursive: true });
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000;

async function readRecord(path: string): Promise<ProductRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(path, RECORD), 'utf8')) as ProductRecord;
  } catch {
    return undefined; // missing or cut short: then the product does not count
  }
}

async function sizesOf(path: string): Promise<Record<string, number>> {
  const sizes: [string, number][] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(path, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (entry.isFile() && name !== RECORD) sizes.push([name, (await lstat(join(path, name))).size]);
      if (entry.isDirectory() && depth < CHECKED_DEPTH) await walk(name, depth + 1);
    }
  };
  await walk('', 1);
  return Object.fromEntries(sizes.sort(([a], [b]) => (a < b ? -1 : 1)));
}
