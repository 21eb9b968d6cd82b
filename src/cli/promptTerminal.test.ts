import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { Question } from '#installer/interview.ts';
import { terminalOn } from './promptTerminal.ts';

/** Presses the keys one after another once the question is shown. */
async function answer(
  question: Question,
  keys: readonly string[],
): Promise<{ answer: string; shown: string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const asking = terminalOn({ input, output }).ask(question);
  const pressing = press(input, keys);
  try {
    const found = await asking;
    return { answer: found, shown: stripVTControlCharacters(shown) };
  } finally {
    await pressing;
  }
}

async function press(input: PassThrough, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    // The prompts draw between keys, as they do for a person.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    input.write(key);
  }
}

const CHOICE: Question = {
  message: 'Platform',
  kind: 'choice',
  choices: [{ value: 'none' }, { value: 'external' }, { value: 'baremetal', name: 'bare metal' }],
};

it('chooses by arrow keys and by numbers', async () => {
  expect((await answer(CHOICE, ['\u001b[B', '\r'])).answer).toBe('external');
  const { answer: chosen, shown } = await answer(CHOICE, ['3', '\r']);
  expect(chosen).toBe('baremetal');
  expect(shown).toContain('1. none');
  expect(shown).toContain('bare metal');
});

it('asks again until the answer is one', async () => {
  const check = (text: string): string | undefined => (text === 'good' ? undefined : `${text} is bad`);
  const { answer: given, shown } = await answer({ message: 'Name', kind: 'text', check }, [
    '\r',
    'x',
    '\r',
    '\u0015',
    'good',
    '\r',
  ]);
  expect(given).toBe('good');
  expect(shown).toContain('Value is required');
  expect(shown).toContain('x is bad');
});

it('takes the default for an empty answer', async () => {
  expect((await answer({ message: 'Network', kind: 'text', default: '10.0.0.0/16' }, ['\r'])).answer).toBe(
    '10.0.0.0/16',
  );
  expect((await answer({ message: 'More?', kind: 'confirm', default: 'no' }, ['\r'])).answer).toBe('no');
  expect((await answer({ message: 'More?', kind: 'confirm', default: 'no' }, ['y', '\r'])).answer).toBe(
    'yes',
  );
});

it('never shows a secret, not even one that is refused', async () => {
  const check = (text: string): string | undefined => (text.length > 3 ? undefined : 'too short');
  const question: Question = { message: 'Pull Secret', kind: 'secret', check };
  const { answer: given, shown } = await answer(question, ['abc\r', '\r', 's3cr3t\r']);
  expect(given).toBe('s3cr3t');
  expect(shown).toContain('too short');
  expect(shown).toContain('Value is required');
  expect(shown).not.toMatch(/abc|s3cr3t/);
});

it('turns Ctrl-C into a failure with the way out', async () => {
  const failure = { code: 'installer/interrupted', message: 'interrupt' };
  await expect(answer(CHOICE, ['\u0003'])).rejects.toMatchObject(failure);
  await expect(answer({ message: 'Pull Secret', kind: 'secret' }, ['\u0003'])).rejects.toMatchObject(failure);
});
