import type { Host } from '#system/host.ts';
import { REVISION } from './identity.ts';
import type { Kubectl } from './kubectl.ts';
import { waitUntilReady } from './readiness.ts';
import { STATIC_POD_RESOURCES } from './staticPods.ts';

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const ACCOUNT = 'localhost-recovery-client';

interface TokenSecret {
  readonly metadata: { readonly namespace: string };
  /** Base64; filled by the controller manager some time after the Secret was created. */
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Copies the tokens of `localhost-recovery-client` to where installer pods lay them. They are the only tokens that an
 * SNO keeps outside of etcd, so a clone must renew them on disk too.
 */
export async function layRecoveryTokens(host: Pick<Host, 'run'>, kubectl: Kubectl): Promise<void> {
  for (const component of COMPONENTS) {
    let files: Readonly<Record<string, string>> = {};
    await waitUntilReady({
      name: `service account openshift-${component}/${ACCOUNT} has its token`,
      timeoutSeconds: 120,
      ask: async () => {
        const { stdout } = await kubectl.run([
          ...['get', 'secret', `${ACCOUNT}-token`, `--namespace=openshift-${component}`, '--output=json'],
        ]);
        files = (JSON.parse(stdout) as TokenSecret).data ?? {};
        return files['token'] === undefined ? 'a Secret without token' : undefined;
      },
    });
    const folder = `${STATIC_POD_RESOURCES}/${component}-pod-${REVISION}/secrets/${ACCOUNT}-token`;
    await host.run(['mkdir', '--parents', folder]);
    for (const [name, encoded] of Object.entries(files)) {
      const argv = ['install', '--mode=0600', '/dev/stdin', `${folder}/${name}`];
      await host.run(argv, { input: Buffer.from(encoded, 'base64') });
    }
  }
}
