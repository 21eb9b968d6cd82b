import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogRecord, silentLogger } from '#base/logger.ts';
import { obtainBaseIso } from '#installer/baseIso.ts';
import { acquireLock } from '#system/directoryLock.ts';
import { downloadFile } from '#system/download.ts';
import { localFiles } from '#system/localFiles.ts';

const CONTENT = randomBytes(300_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder: string;
let server: Server;
let url: string;
let requests: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-download-'));
  requests = [];
  answer = serve(CONTENT);
  server = createServer((request, response) => {
    requests.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/live.iso`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** A server that knows ranges. */
const serve =
  (content: Buffer) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = content.subarray(from);
    const range =
      from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': rest.length, ...range });
    response.end(rest);
  };

const download = (sha256 = SHA256, onProgress?: (done: number, total: number) => void): Promise<void> =>
  downloadFile({
    url,
    path: join(folder, 'live.iso'),
    sha256,
    env: {},
    retrySeconds: 0,
    ...(onProgress && { onProgress }),
  });

describe('a download', () => {
  it('is whole, checked, read-only and alone, and tells how far it is', async () => {
    const steps: [number, number][] = [];
    await download(SHA256, (done, total) => steps.push([done, total]));
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
    expect((await stat(join(folder, 'live.iso'))).mode & 0o777).toBe(0o444);
    expect(await readdir(folder)).toEqual(['live.iso']);
    expect(steps.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
  });

  it('goes on where an earlier process ended', async () => {
    await writeFile(join(folder, 'live.iso.part'), CONTENT.subarray(0, 1000));
    await download();
    expect(requests).toEqual(['bytes=1000-']);
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
  });

  it('survives a connection that breaks', async () => {
    answer = (_, response) => {
      answer = serve(CONTENT);
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
    };
    await download();
    expect(requests).toHaveLength(2);
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
  });

  it('starts anew where the server knows no ranges', async () => {
    await writeFile(join(folder, 'live.iso.part'), CONTENT.subarray(0, 1000));
    answer = (_, response) => void response.end(CONTENT);
    await download();
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
  });

  it('unpacks gzip, and checks what comes out', async () => {
    answer = serve(gzipSync(CONTENT));
    await download();
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
    expect(await readdir(folder)).toEqual(['live.iso']);
  });

  it('unpacks xz, and refuses what is damaged', async () => {
    const xz = execFileSync('xz', ['--stdout'], { input: CONTENT });
    answer = serve(xz);
    await download();
    expect((await readFile(join(folder, 'live.iso'))).equals(CONTENT)).toBe(true);
    await rm(join(folder, 'live.iso'));
    answer = serve(xz.subarray(0, -40));
    await expect(download()).rejects.toThrow('the xz data are damaged');
    expect(await readdir(folder)).toEqual([]);
  });

  it('follows a redirect', async () => {
    answer = (_, response) => {
      answer = serve(CONTENT);
      response.writeHead(302, { location: '/elsewhere' }).end();
    };
    await download();
    expect(requests).toHaveLength(2);
  });

  it('of another content is refused and removed', async () => {
    const expected = '0'.repeat(64);
    await expect(download(expected)).rejects.toThrow(`expected=${expected} found=${SHA256}`);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is given up after three attempts', async () => {
    answer = (_, response) => void response.writeHead(503).end();
    await expect(download()).rejects.toThrow('bad status: 503 Service Unavailable');
    expect(requests).toHaveLength(3);
  });

  it('is not done twice at the same time', async () => {
    const path = join(folder, 'live.iso');
    const lock = await acquireLock({ path: `${path}.lock`, subject: path, now: new Date() });
    await expect(download()).rejects.toThrow(`${path} is in use by another run`);
    await lock.release();
    await download();
  });
});

describe('the base image', () => {
  const obtain = (override: string, log: LogRecord[] = []): Promise<string> =>
    obtainBaseIso({
      env: { XDG_CACHE_HOME: folder, OPENSHIFT_INSTALL_OS_IMAGE_OVERRIDE: override },
      files: localFiles,
      download: downloadFile,
      logger: { log: (record) => log.push(record) },
    });
  const cached = (): string => join(folder, 'imagebased/image_cache/live.iso');

  it('is downloaded once and then taken from the cache', async () => {
    const log: LogRecord[] = [];
    expect(await obtain(`${url}?sha256=${SHA256}`, log)).toBe(cached());
    expect(await obtain(`${url}?sha256=${SHA256}`)).toBe(cached());
    expect(requests).toHaveLength(1);
    const messages = log.map(({ message }) => message);
    expect(messages[0]).toBe('Found override for OS Image. Please be warned, this is not advised.');
    expect(messages.at(-1)).toBe('Downloaded 100 %');
  });

  it('is downloaded again where the cache has something else, or nothing can be checked', async () => {
    await mkdir(join(folder, 'imagebased/image_cache'), { recursive: true });
    await writeFile(cached(), 'something else');
    await obtain(`${url}?sha256=${SHA256}`);
    expect((await readFile(cached())).equals(CONTENT)).toBe(true);
    await obtain(url);
    expect(requests).toHaveLength(2);
  });

  it('of the user comes first, and must be there', async () => {
    const parts = { env: {}, files: localFiles, download: downloadFile, logger: silentLogger };
    const file = join(folder, 'mine.iso');
    await expect(obtainBaseIso({ ...parts, file })).rejects.toThrow('mine.iso does not exist');
    await writeFile(file, 'x');
    expect(await obtainBaseIso({ ...parts, file })).toBe(file);
    expect(requests).toEqual([]);
  });
});
