import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SEED_FORMAT, SEED_FORMAT_LABEL, SEED_INFO_LABEL } from '#api/seedImage.ts';
import { ARCHITECTURE } from './seedFixture.ts';

/** One question for a blob: the n-th for this blob, from which byte on. */
export interface BlobQuestion {
  readonly nth: number;
  readonly from: number;
  readonly content: Buffer;
  readonly response: ServerResponse;
}

/** How the registry misbehaves; what a function answers with `true` is dealt with. */
export interface Misbehaviour {
  /** Before anything is looked up; for status codes. */
  anything?(request: IncomingMessage, response: ServerResponse): boolean;
  /** For blobs that are layers. */
  layer?(question: BlobQuestion): boolean;
}

export interface FaultyRegistry {
  readonly address: string;
  /** Byte offsets from which each layer was asked for, in order. */
  readonly asked: number[];
  /** Method and path of every request. */
  readonly requests: string[];
  misbehaviour: Misbehaviour;
  stop(): Promise<void>;
}

export const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** A registry with one image of one layer, `seed:1`, which speaks plain HTTP and does what it is told. */
export async function startFaultyRegistry(
  layer: Buffer,
  labels: Readonly<Record<string, string>> = {},
): Promise<FaultyRegistry> {
  const config = Buffer.from(
    JSON.stringify({ architecture: ARCHITECTURE, os: 'linux', config: { Labels: labels } }),
  );
  const describe = (content: Buffer, mediaType: string) => ({
    mediaType,
    digest: digestOf(content),
    size: content.length,
  });
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [describe(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
    }),
  );
  const blobs = new Map([config, layer].map((content) => [digestOf(content), content]));
  const registry: Omit<FaultyRegistry, 'address' | 'stop'> = { asked: [], requests: [], misbehaviour: {} };

  const server = createServer((request, response) => {
    registry.requests.push(`${request.method} ${request.url}`);
    if (registry.misbehaviour.anything?.(request, response)) return;
    const path = request.url ?? '';
    if (/^\/v2\/seed\/manifests\//.test(path)) {
      response.writeHead(200, { 'content-type': manifestType, 'docker-content-digest': digestOf(manifest) });
      response.end(manifest);
      return;
    }
    const content = blobs.get(/^\/v2\/seed\/blobs\/(.+)$/.exec(path)?.[1] ?? '');
    if (content === undefined) {
      response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
      return;
    }
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (content === layer) {
      registry.asked.push(from);
      const question = { nth: registry.asked.length, from, content, response };
      if (registry.misbehaviour.layer?.(question)) return;
    }
    serve(response, content, from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(registry, {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** As a good registry does it; `end` cuts the content there, though more was announced. */
export function serve(response: ServerResponse, content: Buffer, from: number, end = content.length): void {
  const length = content.length - from;
  const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': length, ...(from > 0 && range) });
  if (end === content.length) response.end(content.subarray(from));
  else response.write(content.subarray(from, end), () => setTimeout(() => response.destroy(), 300));
}

/** Sends a part and then nothing, with the connection open. */
export function stall(response: ServerResponse, content: Buffer, from: number, end: number): void {
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': content.length - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  response.write(content.subarray(from, end));
}

export const seedLabels = (clusterInfo: string): Record<string, string> => ({
  [SEED_FORMAT_LABEL]: SEED_FORMAT,
  [SEED_INFO_LABEL]: clusterInfo,
});
