import { describe, expect, test } from 'vitest';
import { Failure } from './failure.ts';
import { Journal, type JournalStore } from './journal.ts';
import { runSteps, type Step } from './step.ts';

const now = () => new Date('2026-01-02T03:04:05Z');

function memoryStore(lines: string[] = []): JournalStore & { readonly written: string[] } {
  return { written: lines, lines: async () => [...lines], append: async (line) => void lines.push(line) };
}

const runner = (journal: Journal) => ({ journal, clock: () => 0 });

describe('journal', () => {
  test('a step that completed is not run again by the next process', async () => {
    const store = memoryStore();
    let runs = 0;
    const step: Step = { name: 'pack', once: { input: 'a' }, run: async () => void runs++ };
    await runSteps([step], runner(await Journal.open(store, now)));
    await runSteps([step], runner(await Journal.open(store, now)));
    expect(runs).toBe(1);
  });

  test('a step that was interrupted is run again', async () => {
    const store = memoryStore();
    const dying: Step = {
      name: 'pack',
      once: { input: 'a' },
      run: () => Promise.reject(new Error('power cut')),
    };
    await expect(runSteps([dying], runner(await Journal.open(store, now)))).rejects.toThrow('power cut');
    expect((await Journal.open(store, now)).isDone('pack', 'a')).toBe(false);
  });

  test('a changed input stops and says so', async () => {
    const store = memoryStore();
    await runSteps(
      [{ name: 'pack', once: { input: 'a' }, run: async () => {} }],
      runner(await Journal.open(store, now)),
    );
    const journal = await Journal.open(store, now);
    expect(() => journal.isDone('pack', 'b')).toThrow(Failure);
  });

  test('a torn last line counts as not written, a torn line in the middle is refused', async () => {
    const line = JSON.stringify({ step: 'pack', event: 'end', input: 'a', at: now().toISOString() });
    expect((await Journal.open(memoryStore([line, line.slice(0, 20)]), now)).isDone('pack', 'a')).toBe(true);
    await expect(Journal.open(memoryStore([line.slice(0, 20), line]), now)).rejects.toThrow('journal line 1');
  });
});

describe('runSteps', () => {
  test('tells the observer what happened to each step and stops at the first failure', async () => {
    const told: string[] = [];
    const steps: Step[] = [
      { name: 'there', isDone: async () => true, run: async () => void told.push('must not run') },
      { name: 'breaks', run: () => Promise.reject(new Failure({ code: 'x/y', message: 'no' })) },
      { name: 'never', run: async () => void told.push('must not run') },
    ];
    const observer = { onEnd: (name: string, outcome: string) => void told.push(`${name} ${outcome}`) };
    await expect(runSteps(steps, { observer, clock: () => 0 })).rejects.toThrow('no');
    expect(told).toEqual(['there already-done', 'breaks failed']);
  });

  test('a step that runs once needs a journal', async () => {
    const step: Step = { name: 'pack', once: { input: 'a' }, run: async () => {} };
    await expect(runSteps([step], { clock: () => 0 })).rejects.toThrow('no journal');
  });
});
