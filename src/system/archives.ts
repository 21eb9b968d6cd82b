import { pipeline } from 'node:stream/promises';
import { decompress } from '#formats/decompress.ts';
import { gzipParallel } from '#formats/gzipParallel.ts';
import { guardTar } from '#formats/tarGuard.ts';
import { zstdParallel } from '#formats/zstdParallel.ts';
import type { Host } from './host.ts';

/** How archives are compressed; {@link openUnpacker} reads both. */
export type ArchiveCompression = 'gzip' | 'zstd';

export interface ArchiveOptions {
  /** The members are relative to it. */
  readonly directory: string;
  /** Options and operands of tar, in order: `--exclude` works on what follows it. */
  readonly arguments: readonly string[];
  /** Names on standard input, for `--files-from=-`. */
  readonly input?: string;
  readonly target: string;
  /** Default 0o600: archives of a host's etc and var hold its keys. */
  readonly mode?: number;
  /** Default gzip. */
  readonly compression?: ArchiveCompression;
  /** Ends the work with an error; what is written so far stays. */
  readonly signal?: AbortSignal;
}

/** Labels can be written only by a tar that knows them on a kernel that has them. */
export const hasSelinux = (host: Host): Promise<boolean> => host.files.exists('/sys/fs/selinux/enforce');

async function attributeOptions(host: Host): Promise<string[]> {
  const selinux = (await hasSelinux(host)) ? ['--selinux'] : [];
  return [...selinux, '--xattrs', '--xattrs-include=*', '--acls'];
}

/**
 * Writes an archive of files of this host with owners, extended attributes, ACLs and SELinux labels, compressed on all
 * cores while tar reads. Files that change or vanish meanwhile (tar's exit code 1) are not an error. The answer is the
 * size in bytes that it had without compression. It is on stable storage then.
 */
export async function writeArchive(host: Host, options: ArchiveOptions): Promise<number> {
  const argv = [
    ...['tar', '--create', '--file=-', `--directory=${options.directory}`],
    ...(await attributeOptions(host)),
    ...options.arguments,
  ];
  const { signal } = options;
  const tar = host.start(argv, { okCodes: [0, 1], ...(signal && { signal }) });
  tar.stdin.on('error', () => {}); // told by the exit code
  tar.stdin.end(options.input);
  let bytes = 0;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  const compress = options.compression === 'zstd' ? zstdParallel : gzipParallel;
  const written = pipeline(
    tar.stdout,
    (source: AsyncIterable<Buffer>) => compress(counted(source)),
    host.files.writeStream(options.target, { mode: options.mode ?? 0o600, isSynced: true }),
  ).catch((error: unknown) => {
    tar.kill('SIGTERM');
    throw error;
  });
  const [program, file] = await Promise.allSettled([tar.done, written]);
  if (program.status === 'rejected') throw program.reason;
  if (file.status === 'rejected') throw file.reason;
  return bytes;
}

/** Unpacks archives on this host; made once, because SELinux needs a specially labelled tar. */
export interface Unpacker {
  /** Reads tar in gzip or zstd; one that is damaged, ends early or holds what {@link guardTar} refuses is a Failure. */
  unpack(source: AsyncIterable<Buffer>, directory: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A program of the type install_exec_t may write labels that the running policy does not know, which plain tar may
 * not (lifecycle-agent 3.4); so on an SELinux host a labelled copy of tar does the work.
 */
export async function openUnpacker(host: Host, workDirectory: string): Promise<Unpacker> {
  const copy = `${workDirectory}/tar`;
  const selinux = await hasSelinux(host);
  if (selinux) {
    await host.files.copy('/usr/bin/tar', copy);
    await host.run(['chcon', '-t', 'install_exec_t', copy]);
  }
  const attributes = await attributeOptions(host);
  return {
    unpack: async (source, directory) => {
      const argv = [selinux ? copy : 'tar', '--extract', '--file=-', `--directory=${directory}`];
      const tar = host.start([...argv, '--numeric-owner', '--preserve-permissions', ...attributes]);
      tar.stdout.resume();
      const fed = pipeline(guardTar(decompress(source)), tar.stdin).catch((error: NodeJS.ErrnoException) => {
        // tar stops reading at the archive's end mark, before the padding behind it.
        if (error.code !== 'EPIPE') tar.kill('SIGTERM');
        throw error;
      });
      const [program, feeding] = await Promise.allSettled([tar.done, fed]);
      if (feeding.status === 'rejected' && (feeding.reason as NodeJS.ErrnoException).code !== 'EPIPE') {
        throw feeding.reason;
      }
      if (program.status === 'rejected') throw program.reason;
    },
    close: async () => {
      if (selinux) await host.files.remove(copy);
    },
  };
}
