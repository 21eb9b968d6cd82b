import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { type Agent, Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Failure } from '#base/failure.ts';
import { acquireLock } from './directoryLock.ts';
import { localHost } from './localHost.ts';

export interface DownloadRequest {
  readonly url: string;
  /** Absolute path where the file will be, whole and checked, mode 0444. */
  readonly path: string;
  /** SHA-256 in hex of the content, after decompression. Without it an interrupted download starts anew. */
  readonly sha256?: string;
  /** For proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes so far and in all (0: not known), counted before decompression. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly retrySeconds?: number;
  /** Ends it; what has come is kept. */
  readonly signal?: AbortSignal;
}

const ATTEMPTS = 3;
const RETRY_SECONDS = 5;
const MOST_REDIRECTS = 10;
const IDLE_MILLISECONDS = 60_000;

/**
 * Downloads a file with HTTP GET: three attempts, each of which goes on where the last one (also one of an earlier
 * process) ended. gzip and xz are unpacked, by their magic bytes.
 *
 * @throws Failure system/download-failed, -checksum, -compressed, system/lock-held
 */
export async function downloadFile(request: DownloadRequest): Promise<void> {
  await mkdir(dirname(request.path), { recursive: true, mode: 0o755 });
  const lock = await acquireLock({ path: `${request.path}.lock`, subject: request.path, now: new Date() });
  try {
    const part = `${request.path}.part`;
    if (request.sha256 === undefined) await rm(part, { force: true });
    await fetchWithRetries(request, part);
    await finish(request, part);
  } finally {
    await lock.release();
  }
}

async function fetchWithRetries(request: DownloadRequest, part: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchPart(request, part);
      return;
    } catch (cause) {
      if (attempt === ATTEMPTS || request.signal?.aborted) throw asFailure(cause);
      await sleep(1000 * (request.retrySeconds ?? RETRY_SECONDS));
    }
  }
}

const asFailure = (cause: unknown): Failure =>
  cause instanceof Failure
    ? cause
    : new Failure({
        code: 'system/download-failed',
        message: (cause as NodeJS.ErrnoException).code ?? (cause as Error).message,
        cause,
      });

async function fetchPart(request: DownloadRequest, part: string): Promise<void> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0;
  const response = await openUrl(new URL(request.url), have, request.env);
  const isRest =
    response.statusCode === 206 && response.headers['content-range']?.startsWith(`bytes ${have}-`);
  if (response.statusCode === 416 && have > 0) {
    response.destroy();
    return; // there is nothing behind what is here; the checksum decides
  }
  if (!isRest && response.statusCode !== 200) {
    response.destroy();
    throw new Failure({
      code: 'system/download-failed',
      message: `bad status: ${response.statusCode} ${response.statusMessage}`,
    });
  }
  let done = isRest ? have : 0;
  const length = Number(response.headers['content-length'] ?? 0);
  const total = length === 0 ? 0 : done + length;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      request.onProgress?.(done, total);
      next(null, chunk);
    },
  });
  await pipeline(response, counter, createWriteStream(part, { flags: isRest ? 'a' : 'w', flush: true }), {
    ...(request.signal !== undefined && { signal: request.signal }),
  });
}

async function openUrl(url: URL, from: number, env: DownloadRequest['env']): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(at, from, env);
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined)
      return response;
    response.destroy();
    at = new URL(location, at);
  }
  throw new Failure({ code: 'system/download-failed', message: `more than ${MOST_REDIRECTS} redirects` });
}

function request(url: URL, from: number, env: DownloadRequest['env']): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  if (!isTls && url.protocol !== 'http:') {
    throw new Failure({ code: 'system/download-failed', message: `unsupported protocol ${url.protocol}` });
  }
  const agent: Agent = isTls ? new HttpsAgent({ proxyEnv: env }) : new HttpAgent({ proxyEnv: env });
  const headers = from === 0 ? {} : { range: `bytes=${from}-` };
  return new Promise((resolve, reject) => {
    const sent = (isTls ? httpsGet : httpGet)(url, { agent, headers }, resolve);
    sent.setTimeout(IDLE_MILLISECONDS, () => sent.destroy(new Error('the server sends nothing')));
    sent.on('error', reject);
  });
}

/** Checks the content and lets it take its place; what is wrong is removed, so that the next run starts anew. */
async function finish({ path, sha256 }: DownloadRequest, part: string): Promise<void> {
  const whole = await unpacked(part, path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(whole), hash);
  const found = hash.digest('hex');
  if (sha256 !== undefined && found !== sha256) {
    await Promise.all([rm(part, { force: true }), rm(whole, { force: true })]);
    throw new Failure({
      code: 'system/download-checksum',
      message: `Checksum mismatch for ${path}; expected=${sha256} found=${found}`,
      hint: 'run the command again; if it stays, the server has another file than the one that is wanted',
    });
  }
  await chmod(whole, 0o444);
  await rename(whole, path);
  await rm(part, { force: true });
}

type Unpack = (part: string, whole: string) => Promise<void>;

/** By the first bytes of the compressed file in hex. */
const COMPRESSIONS: readonly { readonly name: string; readonly magic: string; readonly unpack: Unpack }[] = [
  {
    name: 'gzip',
    magic: '1f8b',
    unpack: (part, whole) =>
      pipeline(createReadStream(part), createGunzip(), createWriteStream(whole, { flush: true })),
  },
  { name: 'xz', magic: 'fd377a585a00', unpack: unpackXz },
];

/** Path of the content: the part itself where it is not compressed. */
async function unpacked(part: string, path: string): Promise<string> {
  const handle = await open(part, 'r');
  const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 0).finally(() => handle.close());
  const compression = COMPRESSIONS.find(({ magic }) => buffer.toString('hex').startsWith(magic));
  if (compression === undefined) return part;
  const { name, unpack } = compression;
  if (name === 'xz' && !(await localHost.has('xz'))) {
    throw new Failure({
      code: 'system/download-compressed',
      message: 'the file is compressed with xz, which is not installed',
      hint: 'install xz (package xz-utils) and run the command again: what is downloaded is kept',
    });
  }
  const whole = `${path}.tmp`;
  try {
    await unpack(part, whole);
  } catch (cause) {
    await Promise.all([rm(part, { force: true }), rm(whole, { force: true })]);
    throw new Failure({ code: 'system/download-failed', message: `the ${name} data are damaged`, cause });
  }
  return whole;
}

/** Node has no xz. */
async function unpackXz(part: string, whole: string): Promise<void> {
  const program = localHost.start(['xz', '--format=xz', '--decompress', '--stdout', part]);
  program.stdin.end();
  await Promise.all([pipeline(program.stdout, createWriteStream(whole, { flush: true })), program.done]);
}
