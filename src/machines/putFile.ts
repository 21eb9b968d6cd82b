import type { Host } from '#system/host.ts';

/** A file to be laid into a running machine or live environment. */
export interface FileToPut {
  /** Absolute, inside; missing directories are made. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default 0o644; the file has it from its first byte. */
  readonly mode?: number;
}

/** Writes a file inside; it goes through standard input, so the content never stands in an argv. */
export async function putFile(
  inside: Pick<Host, 'run'>,
  { path, content, mode = 0o644 }: FileToPut,
): Promise<void> {
  await inside.run(['install', '-D', `--mode=${mode.toString(8)}`, '/dev/null', path]);
  await inside.run(['dd', `of=${path}`, 'bs=1M', 'conv=notrunc', 'status=none'], { input: content });
}
