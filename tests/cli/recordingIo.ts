import type { Io, TextSink } from '#cli/io.ts';
import { keptKey } from './keptKeys.ts';

export interface RecordingIo extends Io {
  stdoutText(): string;
  stderrText(): string;
}

/** An Io whose output a test can read: no terminal, the real clock, keys that other runs had too. */
export function recordingIo(options: { readonly cwd: string; readonly isTTY?: boolean }): RecordingIo {
  const texts = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof texts): TextSink => ({
    write: (text) => {
      texts[name] += text;
    },
    isTTY: options.isTTY ?? false,
    columns: 80,
  });
  return {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: {},
    cwd: options.cwd,
    now: () => new Date(),
    readStdin: async () => '',
    generateKey: keptKey,
    stdoutText: () => texts.stdout,
    stderrText: () => texts.stderr,
  };
}
