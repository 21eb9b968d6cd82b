import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import { Failure } from '#base/failure.ts';

/** A gRPC answer that is not OK; `status` is gRPC's number (8 = resource exhausted, 14 = unavailable). */
export class GrpcError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'GrpcError';
    this.status = status;
  }
}

export interface GrpcOptions {
  /** PEM texts for a server that asks for a client certificate. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
  readonly timeoutSeconds?: number;
}

const FRAME_HEADER = 5;
/** The default window of 64 KiB stalls reads of megabytes. */
const WINDOW = 16 << 20;
const UNAVAILABLE = 14;

/** Unary gRPC calls over one HTTP/2 connection. */
export class GrpcChannel {
  readonly #session: ClientHttp2Session;
  readonly #origin: string;
  readonly #timeoutSeconds: number;
  #broken: Error | undefined;

  /** `origin` is `http://host:port` or `https://host:port`. Connecting is lazy: the first call tells whether it worked. */
  constructor(origin: string, options: GrpcOptions = {}) {
    this.#origin = origin;
    this.#timeoutSeconds = options.timeoutSeconds ?? 60;
    this.#session = connect(origin, {
      settings: { initialWindowSize: WINDOW, maxFrameSize: 1 << 20 },
      ...options.tls,
    });
    this.#session.on('connect', () => this.#session.setLocalWindowSize(WINDOW));
    this.#session.on('error', (error: Error) => {
      this.#broken = error;
    });
  }

  /** Sends one message and answers one message. GrpcError, or Failure `system/grpc-unreachable`. */
  async call(method: string, message: Buffer): Promise<Buffer> {
    if (this.#broken !== undefined || this.#session.destroyed) throw this.#unreachable(this.#broken);
    const stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: method,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    const header = Buffer.alloc(FRAME_HEADER);
    header.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([header, message]));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status: number | undefined;
      let text = '';
      const takeStatus = (headers: Record<string, unknown>): void => {
        const value = headers['grpc-status'];
        if (value === undefined) return;
        status = Number(value);
        text = decodeURIComponent(String(headers['grpc-message'] ?? ''));
      };
      stream.setTimeout(this.#timeoutSeconds * 1000, () => {
        reject(this.#unreachable(new Error(`no answer within ${this.#timeoutSeconds} s`)));
        stream.close(constants.NGHTTP2_CANCEL);
      });
      stream.on('response', takeStatus);
      stream.on('trailers', takeStatus);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error: Error) => reject(this.#unreachable(this.#broken ?? error)));
      stream.on('close', () => {
        if (status === 0) resolve(Buffer.concat(chunks).subarray(FRAME_HEADER));
        else if (status === UNAVAILABLE || status === undefined)
          reject(this.#unreachable(new Error(text === '' ? 'connection closed' : text)));
        else reject(new GrpcError(status, text));
      });
    });
  }

  close(): void {
    this.#session.destroy();
  }

  #unreachable(cause: Error | undefined): Failure {
    return new Failure({
      code: 'system/grpc-unreachable',
      message: `no gRPC answer from ${this.#origin}: ${cause?.message ?? 'connection closed'}`,
      hint: 'check that the server runs and listens there',
      ...(cause && { cause }),
    });
  }
}
