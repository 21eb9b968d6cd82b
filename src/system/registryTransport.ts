import { readdir, readFile } from 'node:fs/promises';
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { Failure } from '#base/failure.ts';
import type { Secret } from '#base/secret.ts';
import type { RegistryPlace } from './registryPlaces.ts';

export interface TransportOptions {
  readonly credentials: (registry: string, repository: string) => Secret<string> | undefined;
  /** For proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A connection that brings nothing for so long is given up. */
  readonly idleSeconds: number;
}

/** Registry certificates of the host, one directory a registry (containers-certs.d(5)). */
const CERTIFICATE_DIRECTORIES = ['/etc/containers/certs.d', '/etc/docker/certs.d'];
const MOST_REDIRECTS = 5;

/** Answers of the distribution API for one repository in one place. */
export interface RegistryTransport {
  /** The answer to `GET /v2/<repository>/<path>`, with status 200 or 206; Failure `system/registry-...` for all else. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<IncomingMessage>;
  readonly place: RegistryPlace;
}

/** Signs in where the registry asks for it, follows redirects, and takes plain HTTP only where that is allowed. */
export function openTransport(place: RegistryPlace, options: TransportOptions): RegistryTransport {
  const host = place.registry === 'docker.io' ? 'registry-1.docker.io' : place.registry;
  let scheme = 'https:';
  let authorization: string | undefined;

  const ask = async (path: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> => {
    const url = () => new URL(`${scheme}//${host}/v2/${place.repository}/${path}`);
    const sent = () => ({ ...headers, ...(authorization !== undefined && { authorization }) });
    try {
      return await follow(url(), sent(), { place, options });
    } catch (error) {
      const isPlain = place.insecure && scheme === 'https:' && isWrongProtocol(error);
      if (!isPlain) throw error;
      scheme = 'http:';
      return follow(url(), sent(), { place, options });
    }
  };
  return {
    place,
    get: async (path, headers = {}) => {
      let response = await ask(path, headers);
      if (response.statusCode === 401) {
        response.destroy();
        authorization = await signIn(response.headers['www-authenticate'] ?? '', { place, options });
        response = await ask(path, headers);
      }
      if (response.statusCode === 200 || response.statusCode === 206) return response;
      response.destroy();
      throw refusedBy(place, response);
    },
  };
}

interface Exchange {
  readonly place: RegistryPlace;
  readonly options: TransportOptions;
}

/** A registry may hand blobs to another host, which must not see what the registry was told. */
async function follow(
  url: URL,
  headers: Readonly<Record<string, string>>,
  exchange: Exchange,
): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const { authorization: _, ...others } = headers;
    const response = await send(at, at.host === url.host ? headers : others, exchange);
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined)
      return response;
    response.destroy();
    at = new URL(location, at);
  }
  throw registryFailure('failing', `${exchange.place.registry} redirects more than ${MOST_REDIRECTS} times`);
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  exchange: Exchange,
): Promise<IncomingMessage> {
  const { env, idleSeconds } = exchange.options;
  const isTls = url.protocol === 'https:';
  const agent = isTls
    ? new HttpsAgent({ proxyEnv: env, ...(await tlsOptions(url.host, exchange.place.insecure)) })
    : new HttpAgent({ proxyEnv: env });
  const silent = () =>
    registryFailure('stalled', `${url.host} sent nothing for ${idleSeconds} s`, {
      hint: 'check the registry and the network between; the transfer goes on where it stood when it is tried again',
    });
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const request = (isTls ? httpsGet : httpGet)(url, { agent, headers }, (response) => {
      answer = response;
      response.once('close', () => agent.destroy());
      resolve(response);
    });
    request.setTimeout(idleSeconds * 1000, () => (answer ?? request).destroy(silent()));
    request.on('error', (error) => reject(connectionFailure(url.host, error)));
  });
}

async function tlsOptions(host: string, insecure: boolean) {
  if (insecure) return { rejectUnauthorized: false };
  const own: string[] = [];
  const client: { cert?: string; key?: string } = {};
  for (const directory of CERTIFICATE_DIRECTORIES.map((base) => join(base, host))) {
    for (const name of await readdir(directory).catch(() => [])) {
      const text = await readFile(join(directory, name), 'utf8');
      if (name.endsWith('.crt')) own.push(text);
      else if (name.endsWith('.cert')) client.cert = text;
      else if (name.endsWith('.key')) client.key = text;
    }
  }
  return { ca: [...getCACertificates('default'), ...getCACertificates('system'), ...own], ...client };
}

/** The value of the Authorization header that the registry's challenge asks for. */
async function signIn(challenge: string, exchange: Exchange): Promise<string> {
  const { place, options } = exchange;
  const basic = options.credentials(place.registry, place.repository)?.reveal();
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  );
  const realm = parameters.get('realm');
  if (!/^bearer/i.test(challenge) || realm === undefined) {
    if (basic === undefined) throw unauthorized(place);
    return `Basic ${basic}`;
  }
  const url = new URL(realm);
  for (const key of ['service', 'scope']) {
    const value = parameters.get(key);
    if (value !== undefined) url.searchParams.set(key, value);
  }
  const headers = basic === undefined ? {} : { authorization: `Basic ${basic}` };
  const response = await follow(url, headers, exchange);
  if (response.statusCode !== 200) {
    response.destroy();
    throw response.statusCode === 401 || response.statusCode === 403
      ? unauthorized(place)
      : refusedBy(place, response);
  }
  const answer = JSON.parse((await readBody(response)).toString('utf8')) as Record<string, unknown>;
  return `Bearer ${String(answer['token'] ?? answer['access_token'] ?? '')}`;
}

const MOST_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** All of a small answer; Failure `system/registry-cut` when it ends early. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_DOCUMENT_BYTES) throw registryFailure('failing', 'a document has more than 16 MiB');
    }
  } catch (error) {
    throw connectionFailure('the registry', error);
  }
  return Buffer.concat(chunks);
}

function refusedBy(place: RegistryPlace, { statusCode, headers }: IncomingMessage): Failure {
  const name = `${place.registry}/${place.repository}`;
  if (statusCode === 401 || statusCode === 403) return unauthorized(place);
  if (statusCode === 404) {
    return registryFailure(
      'has-no-image',
      `${place.registry} has no such image in ${place.repository} (404)`,
      {
        hint: 'check the pull spec; the image may not have been pushed, or lie in another repository',
      },
    );
  }
  if (statusCode === 429) {
    const retryAfter = Number(headers['retry-after'] ?? 0);
    return registryFailure('busy', `${place.registry} answers too many requests (429)`, {
      hint: 'wait for the limit to pass, sign in, or use a mirror',
      facts: { retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : 0 },
    });
  }
  return registryFailure('failing', `${place.registry} answered ${statusCode} for ${name}`, {
    hint: 'look at the log of the registry',
  });
}

const unauthorized = ({ registry, repository }: RegistryPlace): Failure =>
  registryFailure('unauthorized', `${registry} does not let us read ${repository}`, {
    hint: `put credentials for ${registry} into pull-secret.json, and check that they may read ${repository}`,
  });

/** What became of a connection, by name. */
export function connectionFailure(host: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = `${code === '' ? message : code}`;
  if (['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code)) {
    return registryFailure('cut', `${host} cut the connection (${why})`, {
      hint: 'check the registry and proxies between; the transfer goes on where it stood when it is tried again',
      cause: error,
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return registryFailure('untrusted', `the certificate of ${host} is not trusted (${why})`, {
      hint: `put its authority into /etc/containers/certs.d/${host}/ca.crt or the host's trust store`,
      cause: error,
    });
  }
  return registryFailure('unreachable', `${host} can't be reached (${why})`, {
    hint: 'check the name, the network and the proxy settings of this host',
    cause: error,
  });
}

/** A server without TLS answers a handshake with plain text, or hangs up. */
const isWrongProtocol = (error: unknown): boolean => {
  const { code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'].includes(code);
};

export const registryFailure = (
  what: string,
  message: string,
  parts: { readonly hint?: string; readonly cause?: unknown; readonly facts?: Failure['facts'] } = {},
): Failure => new Failure({ code: `system/registry-${what}`, message, ...parts });
