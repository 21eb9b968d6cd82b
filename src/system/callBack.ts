import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CallBack {
  /** http or https; may hold a token, so it is never told in full. */
  readonly url: string;
  readonly body: string;
  /** For proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly firstPauseSeconds?: number;
}

const ATTEMPTS = 4;
const TIMEOUT_MILLISECONDS = 10_000;

/** Posts JSON, a few times where it does not arrive; the answer is why it never did, or `undefined` when it has. */
export async function callBack(call: CallBack): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const fault = await post(call);
    if (fault === undefined || attempt === ATTEMPTS) return fault;
    await sleep((call.firstPauseSeconds ?? 1) * 1000 * 2 ** (attempt - 1));
  }
}

function post({ url, body, env }: CallBack): Promise<string | undefined> {
  const target = new URL(url);
  const isTls = target.protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ proxyEnv: env }) : new HttpAgent({ proxyEnv: env });
  const options = { method: 'POST', agent, headers: { 'content-type': 'application/json' } };
  return new Promise((resolve) => {
    const request = (isTls ? httpsRequest : httpRequest)(target, options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300 ? undefined : `${target.host} answered ${status}`);
    });
    request.setTimeout(TIMEOUT_MILLISECONDS, () => request.destroy(new Error('no answer')));
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(`${target.host}: ${error.code ?? error.message}`),
    );
    request.on('close', () => agent.destroy());
    request.end(body);
  });
}
