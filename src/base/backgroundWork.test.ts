import { expect, test } from 'vitest';
import { backgroundWork } from './backgroundWork.ts';

test('runs once, from whichever comes first', async () => {
  let runs = 0;
  const work = backgroundWork(async () => void runs++);
  expect(runs).toBe(0);
  work.start();
  await work.finish();
  await work.finish();
  expect(runs).toBe(1);
});

test('a failure waits for finish', async () => {
  const work = backgroundWork(() => Promise.reject(new Error('disk full')));
  work.start();
  await new Promise((resolve) => setImmediate(resolve));
  await expect(work.finish()).rejects.toThrow('disk full');
});

test('cancel ends the work and waits for its end', async () => {
  let ended = false;
  const work = backgroundWork(
    (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            ended = true;
            reject(signal.reason);
          }),
        ),
      ),
  );
  work.start();
  await work.cancel();
  expect(ended).toBe(true);
  await backgroundWork(() => Promise.reject(new Error('never begun'))).cancel();
});
