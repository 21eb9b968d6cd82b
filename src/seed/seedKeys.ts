import { info } from '#base/logger.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';

/** A piece of key material that the seed gets back after its crypto was expired. */
interface SeedKey {
  readonly file: string;
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

const OPERATOR = 'openshift-kube-apiserver-operator';

/** Signer of each serving certificate that the administrator's kubeconfig relies on: CN -> file. */
export const SIGNER_FILES = {
  'kube-apiserver-lb-signer': 'loadbalancer-serving-signer.key',
  'kube-apiserver-localhost-signer': 'localhost-serving-signer.key',
  'kube-apiserver-service-network-signer': 'service-network-serving-signer.key',
} as const;

export const INGRESS_KEY_FILE = 'ingresskey-ingress-operator.key';
export const ADMIN_CA_FILE = 'admin-kubeconfig-client-ca.crt';
export const KUBEADMIN_HASH_FILE = 'kubeadmin-password-hash.txt';

/** lifecycle-agent 6, step 8. */
const SEED_KEYS: readonly SeedKey[] = [
  {
    file: ADMIN_CA_FILE,
    kind: 'ConfigMap',
    namespace: 'openshift-config',
    name: 'admin-kubeconfig-client-ca',
    key: 'ca-bundle.crt',
  },
  ...Object.values(SIGNER_FILES).map(
    (file): SeedKey => ({
      file,
      kind: 'Secret',
      namespace: OPERATOR,
      name: file.replace(/\.key$/, ''),
      key: 'tls.key',
    }),
  ),
  {
    file: INGRESS_KEY_FILE,
    kind: 'Secret',
    namespace: 'openshift-ingress-operator',
    name: 'router-ca',
    key: 'tls.key',
  },
  {
    file: KUBEADMIN_HASH_FILE,
    kind: 'Secret',
    namespace: 'kube-system',
    name: 'kubeadmin',
    key: 'kubeadmin',
  },
];

/** Keeps the seed's own keys aside, readable by root only. What the cluster does not have is told and left out. */
export async function backUpSeedKeys({ host, logger }: SeedContext, api: KubernetesApi): Promise<void> {
  await host.files.makeDirectory(SEED_PATHS.keys, 0o700);
  for (const { file, kind, namespace, name, key } of SEED_KEYS) {
    const object = await api.get({ apiVersion: 'v1', kind }, { namespace, name });
    const value = (object?.['data'] as Record<string, string> | undefined)?.[key];
    if (value === undefined) {
      info(logger, `${kind} ${namespace}/${name} has no ${key}: it is not kept for the seed's restoration`);
      continue;
    }
    const content = kind === 'Secret' ? Buffer.from(value, 'base64') : value;
    await host.files.write(`${SEED_PATHS.keys}/${file}`, content, { mode: 0o600 });
  }
}
