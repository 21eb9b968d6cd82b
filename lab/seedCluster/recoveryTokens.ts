import { type TarSource, writeTar } from '#formats/tar.ts';
import type { Host } from '#system/host.ts';
import { REVISION } from './identity.ts';
import type { Kubectl } from './kubectl.ts';
import { STATIC_POD_RESOURCES } from './podPlans.ts';
import { waitUntilReady } from './readiness.ts';

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const SECRET = 'localhost-recovery-client-token';

/** Base64 by key; filled by the controller manager some time after the Secret was created. */
type TokenData = Readonly<Record<string, string>>;

/**
 * Copies the tokens of `localhost-recovery-client` to where installer pods lay them. They are the only tokens that an
 * SNO keeps outside of etcd, so a clone must renew them on disk too.
 */
export async function layRecoveryTokens(host: Pick<Host, 'run'>, kubectl: Kubectl): Promise<void> {
  const files = await Promise.all(COMPONENTS.map((component) => tokenFiles(kubectl, component)));
  const archive: Buffer[] = [];
  for await (const chunk of writeTar(files.flat())) archive.push(chunk);
  // One archive for all: tar makes the files with their modes, and parents as needed.
  await host.run(['tar', '--extract', '--directory=/'], { input: Buffer.concat(archive) });
}

async function tokenFiles(kubectl: Kubectl, component: string): Promise<TarSource[]> {
  const data = await waitForToken(kubectl, `openshift-${component}`);
  const folder = `${STATIC_POD_RESOURCES}/${component}-pod-${REVISION}/secrets/${SECRET}`;
  return Object.entries(data).map(([name, encoded]) => {
    const content = Buffer.from(encoded, 'base64');
    return { path: `${folder}/${name}`.slice(1), mode: 0o600, size: content.length, content: once(content) };
  });
}

async function waitForToken(kubectl: Kubectl, namespace: string): Promise<TokenData> {
  let data: TokenData = {};
  await waitUntilReady({
    name: `Secret ${namespace}/${SECRET} holds a token`,
    timeoutSeconds: 120,
    ask: async () => {
      const get = ['get', 'secret', SECRET, `--namespace=${namespace}`, '--output=json'];
      const { stdout } = await kubectl.run(get);
      data = (JSON.parse(stdout) as { readonly data?: TokenData }).data ?? {};
      return data['token'] === undefined ? 'a Secret without token' : undefined;
    },
  });
  return data;
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
