import type { Terminal } from '#installer/interview.ts';
import type { Io, TextSink } from './io.ts';

/** The Io of this process. */
export function processIo(): Io {
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    readStdin,
    ...(process.stdin.isTTY && process.stdout.isTTY && { terminal }),
  };
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  // Who reads may leave early (`| head`): what is told is lost then, what is done goes on.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}

/** Its prompts are loaded only where somebody is asked. */
const terminal: Terminal = {
  async ask(question) {
    const { terminalOn } = await import('./promptTerminal.ts');
    return terminalOn({ input: process.stdin, output: process.stdout }).ask(question);
  },
};

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
