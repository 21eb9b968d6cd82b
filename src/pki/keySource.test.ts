import type { KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeyPool } from './keySource.ts';
import type { KeySpec } from './keys.ts';
import { ecKey } from './testing.ts';

const RSA: KeySpec = { type: 'rsa', bits: 2048 };
const EC: KeySpec = { type: 'ec', curve: 'P-256' };

/** Generations that end when the test says so. */
function heldGenerations() {
  const started: { spec: KeySpec; finish(): void; fail(reason: Error): void }[] = [];
  const generate = (spec: KeySpec): Promise<KeyObject> =>
    new Promise((resolve, reject) => {
      started.push({ spec, finish: () => resolve(ecKey()), fail: reject });
    });
  return { started, generate };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('never more generations than asked for are in flight, and all requests are served with keys of their own', async () => {
  const { started, generate } = heldGenerations();
  const pool = new KeyPool({ concurrency: 2, generate });
  const keys = Promise.all([1, 2, 3, 4, 5].map(() => pool.next(RSA)));
  for (let done = 0; done < 5; done++) {
    expect(started.length).toBe(Math.min(done + 2, 5));
    started[done]?.finish();
    await turn();
  }
  expect(new Set(await keys).size).toBe(5);
});

test('keys made ahead are handed out, as many as were ordered and no more', async () => {
  const { started, generate } = heldGenerations();
  const pool = new KeyPool({ concurrency: 2, generate });
  pool.makeAhead(RSA, 4);
  const early = pool.next(RSA);
  for (let done = 0; done < 4; done++) {
    started[done]?.finish();
    await turn();
  }
  const keys = await Promise.all([early, pool.next(RSA), pool.next(RSA), pool.next(RSA)]);
  expect(new Set(keys).size).toBe(4);
  expect(started).toHaveLength(4);
});

test('a request goes before what is made ahead', async () => {
  const { started, generate } = heldGenerations();
  const pool = new KeyPool({ concurrency: 1, generate });
  pool.makeAhead(RSA, 3);
  const wanted = pool.next(EC);
  started[0]?.finish();
  await turn();
  expect(started[1]?.spec).toEqual(EC);
  started[1]?.finish();
  await wanted;
});

test('after the end of making ahead only requests start generations', async () => {
  const { started, generate } = heldGenerations();
  const pool = new KeyPool({ concurrency: 1, generate });
  pool.makeAhead(RSA, 10);
  pool.stopMakingAhead();
  started[0]?.finish();
  await turn();
  expect(started).toHaveLength(1);
  await pool.next(RSA);
  const wanted = pool.next(RSA);
  started[1]?.finish();
  await wanted;
  expect(started).toHaveLength(2);
});

test('a failed generation fails one request; the pool goes on', async () => {
  const { started, generate } = heldGenerations();
  const pool = new KeyPool({ concurrency: 1, generate });
  const [first, second] = [pool.next(RSA), pool.next(RSA)];
  started[0]?.fail(new Error('no entropy'));
  await expect(first).rejects.toThrow('no entropy');
  started[1]?.finish();
  expect((await second).type).toBe('private');
});
