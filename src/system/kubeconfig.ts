import { dirname, resolve } from 'node:path';
import { Failure } from '#base/failure.ts';
import { Secret } from '#base/secret.ts';
import type { Files } from './host.ts';

/** What is needed to talk to the API server of a kubeconfig's current context; all PEM texts. */
export interface KubernetesConnection {
  /** Without a trailing slash. */
  readonly server: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly skipVerification: boolean;
  readonly clientCertificate?: string;
  readonly clientKey?: Secret<string>;
  readonly token?: Secret<string>;
}

interface NamedEntry {
  readonly name?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

interface KubeconfigDocument {
  readonly 'current-context'?: string;
  readonly clusters?: readonly NamedEntry[];
  readonly users?: readonly NamedEntry[];
  readonly contexts?: readonly NamedEntry[];
}

/**
 * Reads a kubeconfig and the files it names (relative ones are relative to it, as kubectl has it).
 * Failure `system/kubeconfig-invalid` when there is no usable current context; exec and auth-provider users are not usable.
 */
export async function readKubeconfig(files: Files, path: string): Promise<KubernetesConnection> {
  const { parse } = await import('yaml');
  const text = await files.readText(path);
  let document: KubeconfigDocument;
  try {
    document = (parse(text) ?? {}) as KubeconfigDocument;
  } catch {
    throw invalid(path, 'it is not YAML'); // the parser's own message quotes the text, which holds keys
  }
  const { cluster, user } = currentContext(path, document);
  const server = cluster['server'];
  if (typeof server !== 'string') throw invalid(path, 'the cluster of its current context names no server');
  const material = async (
    entry: Readonly<Record<string, unknown>>,
    key: string,
  ): Promise<string | undefined> => {
    const data = entry[`${key}-data`];
    if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
    const file = entry[key];
    return typeof file === 'string' && file !== '' ? files.readText(resolve(dirname(path), file)) : undefined;
  };
  const ca = await material(cluster, 'certificate-authority');
  const clientCertificate = await material(user, 'client-certificate');
  const clientKey = await material(user, 'client-key');
  const serverName = cluster['tls-server-name'];
  const token = await tokenOf(files, path, user);
  return {
    server: server.replace(/\/+$/, ''),
    skipVerification: cluster['insecure-skip-tls-verify'] === true,
    ...(ca !== undefined && { ca }),
    ...(typeof serverName === 'string' && { serverName }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey: new Secret(clientKey) }),
    ...(token !== undefined && { token: new Secret(token) }),
  };
}

function currentContext(path: string, document: KubeconfigDocument) {
  const name = document['current-context'];
  const context = document.contexts?.find((entry) => entry.name === name)?.context;
  if (context === undefined) throw invalid(path, `it has no context named ${JSON.stringify(name ?? '')}`);
  const cluster = document.clusters?.find((entry) => entry.name === context['cluster'])?.cluster;
  const user = document.users?.find((entry) => entry.name === context['user'])?.user;
  if (cluster === undefined) throw invalid(path, 'the cluster of its current context is missing');
  return { cluster, user: user ?? {} };
}

async function tokenOf(
  files: Files,
  path: string,
  user: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  if (typeof user['token'] === 'string' && user['token'] !== '') return user['token'];
  const file = user['tokenFile'];
  return typeof file === 'string' ? (await files.readText(resolve(dirname(path), file))).trim() : undefined;
}

const invalid = (path: string, why: string): Failure =>
  new Failure({
    code: 'system/kubeconfig-invalid',
    message: `${path} can't be used as a kubeconfig: ${why}`,
    hint: 'name a kubeconfig with a client certificate or a token',
  });
