import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readSecret, SecretRefused } from './secretPrompt.ts';

/** Types the chunks and gives what was read, and what was shown meanwhile. */
async function type(...chunks: readonly string[]): Promise<{ secret: string; shown: string }> {
  const input = new PassThrough();
  const shown: string[] = [];
  const reading = readSecret({ input, output: { write: (text) => shown.push(text) } });
  for (const chunk of chunks) input.write(chunk);
  const secret = await reading;
  return { secret, shown: shown.join('') };
}

it('reads a line and shows nothing of it', async () => {
  const { secret, shown } = await type('s3', 'cret', '\r');
  expect(secret).toBe('s3cret');
  expect(shown.replaceAll(/\u001b\[\?2004[hl]/g, '')).toBe('');
});

it('takes back characters and the whole line', async () => {
  expect((await type('wrong\u0015ab\u007fc\u00e4\u007f\r')).secret).toBe('ac');
});

it('keeps the lines of what is pasted, whole or in pieces', async () => {
  const pasted = '\u001b[200~{\n"a": 1\r}\u001b[201~\r';
  expect((await type(pasted)).secret).toBe('{\n"a": 1\r}');
  expect((await type(...pasted)).secret).toBe('{\n"a": 1\r}');
});

it('passes over the keys that move', async () => {
  expect((await type('a\u001b[D\u001b', '[Cb\u001b[3~\r')).secret).toBe('ab');
});

it('is refused by Ctrl-C, Ctrl-D and the end of the input', async () => {
  await expect(type('x\u0003')).rejects.toThrow(SecretRefused);
  await expect(type('x\u0004')).rejects.toThrow(SecretRefused);
  const input = new PassThrough();
  input.end('x');
  await expect(readSecret({ input, output: { write: () => {} } })).rejects.toThrow(SecretRefused);
});
