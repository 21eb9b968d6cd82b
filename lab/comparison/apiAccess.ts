import { parse } from 'yaml';
import type { Host } from '#system/host.ts';

/** Who asks: a client certificate with the CA it trusts, or a bearer token. */
export type Credentials =
  | { readonly kind: 'certificate'; readonly ca: string; readonly certificate: string; readonly key: string }
  | { readonly kind: 'token'; readonly token: string };

export interface ApiServer {
  readonly ip: string;
  /** The name under which the server is asked, so that it answers with that name's certificate. */
  readonly name: string;
}

/** `untrusted`: the server's certificate was refused by the client. `status`: what the server answered. */
export type Answer =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'status'; readonly status: number };

/** curl's exit code for a server certificate that the given CA did not sign. */
const CURL_PEER_FAILED_VERIFICATION = 60;
/** No connection, time-out, broken TLS handshake, empty answer, connection reset. */
const CURL_UNREACHABLE = [7, 28, 35, 52, 56];

/** Takes the first user's client certificate and the first cluster's CA out of a kubeconfig. */
export function credentialsOfKubeconfig(text: string): Credentials {
  const config = parse(text) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const decode = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString('utf8');
  return {
    kind: 'certificate',
    ca: decode(config.clusters[0]?.cluster['certificate-authority-data']),
    certificate: decode(config.users[0]?.user['client-certificate-data']),
    key: decode(config.users[0]?.user['client-key-data']),
  };
}

const NAMESPACES = '/api/v1/namespaces';

/**
 * Gets a path (default: the list of namespaces) with the credentials, as a client that checks the server (`verify`) or
 * as one that does not. `network` runs programs in the lab's network namespace.
 */
export async function askApi(
  network: Pick<Host, 'run' | 'files'>,
  workFolder: string,
  request: {
    readonly server: ApiServer;
    readonly credentials: Credentials;
    readonly verify: boolean;
    readonly path?: string;
  },
): Promise<Answer> {
  const { server, credentials, verify, path = NAMESPACES } = request;
  const lines = requestLines(server, path, verify);
  if (credentials.kind === 'token') lines.push(tokenLine(credentials.token));
  else lines.push(...(await certificateLines(network, workFolder, credentials)));
  const [answer = { kind: 'unreachable' }] = await runCurl(network, lines);
  return answer;
}

/** The same for many tokens over one connection, the server not checked; one answer a token, in their order. */
export function askApiWithTokens(
  network: Pick<Host, 'run'>,
  server: ApiServer,
  tokens: readonly string[],
): Promise<Answer[]> {
  const requests = tokens.map((token) => [...requestLines(server, NAMESPACES, false), tokenLine(token)]);
  return runCurl(
    network,
    requests
      .map((lines) => lines.join('\n'))
      .join('\nnext\n')
      .split('\n'),
  );
}

const tokenLine = (token: string): string => `header = "Authorization: Bearer ${token}"`;

const requestLines = (server: ApiServer, path: string, verify: boolean): string[] => [
  `url = "https://${server.name}:6443${path}"`,
  `resolve = "${server.name}:6443:${server.ip}"`,
  ...['silent', 'max-time = 15', 'output = "/dev/null"', 'write-out = "%{http_code}\\n"'],
  ...(verify ? [] : ['insecure']),
];

/** Secrets reach curl by a configuration on standard input, never by argv. */
async function runCurl(network: Pick<Host, 'run'>, lines: readonly string[]): Promise<Answer[]> {
  const result = await network.run(['curl', '--config', '-'], {
    input: `${lines.join('\n')}\n`,
    okCodes: [0, CURL_PEER_FAILED_VERIFICATION, ...CURL_UNREACHABLE],
  });
  if (result.code === CURL_PEER_FAILED_VERIFICATION) return [{ kind: 'untrusted' }];
  const statuses = result.stdout.split('\n').filter((line) => line !== '');
  return statuses.map((status) =>
    status === '000' ? { kind: 'unreachable' } : { kind: 'status', status: Number(status) },
  );
}

async function certificateLines(
  network: Pick<Host, 'run' | 'files'>,
  workFolder: string,
  credentials: Extract<Credentials, { kind: 'certificate' }>,
): Promise<string[]> {
  await network.files.makeDirectory(workFolder, 0o700);
  const file = async (name: string, content: string) => {
    await network.files.write(`${workFolder}/${name}`, content, { mode: 0o600 });
    return `${workFolder}/${name}`;
  };
  return [
    `cacert = "${await file('ca.crt', credentials.ca)}"`,
    `cert = "${await file('client.crt', credentials.certificate)}"`,
    `key = "${await file('client.key', credentials.key)}"`,
  ];
}
