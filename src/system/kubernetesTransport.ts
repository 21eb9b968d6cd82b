import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubernetesConnection } from './kubeconfig.ts';

export interface KubernetesRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, already escaped. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface KubernetesResponse {
  readonly status: number;
  readonly body: string;
}

/** One HTTP exchange with the API server; rejects with the socket's error (its `code` is kept) when there was no answer. */
export interface KubernetesTransport {
  send(request: KubernetesRequest): Promise<KubernetesResponse>;
  close(): void;
}

const ANSWER_SECONDS = 60;

export function connectTransport(connection: KubernetesConnection): KubernetesTransport {
  const url = new URL(connection.server);
  const secure = url.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({
        keepAlive: true,
        ca: connection.ca,
        cert: connection.clientCertificate,
        key: connection.clientKey?.reveal(),
        servername: connection.serverName,
        rejectUnauthorized: !connection.skipVerification,
      })
    : new HttpAgent({ keepAlive: true });
  const open = secure ? httpsRequest : httpRequest;
  const send = (request: KubernetesRequest): Promise<KubernetesResponse> =>
    new Promise((resolve, reject) => {
      const exchange = open(
        new URL(url.pathname.replace(/\/$/, '') + request.path, url),
        {
          agent,
          method: request.method,
          timeout: ANSWER_SECONDS * 1000,
          headers: {
            accept: 'application/json',
            ...(request.body !== undefined && {
              'content-type': request.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(request.body),
            }),
            ...(connection.token && { authorization: `Bearer ${connection.token.reveal()}` }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      exchange.on('error', reject);
      exchange.on('timeout', () =>
        exchange.destroy(Object.assign(new Error(`no answer in ${ANSWER_SECONDS} s`), { code: 'ETIMEDOUT' })),
      );
      exchange.end(request.body);
    });
  return { send, close: () => agent.destroy() };
}
