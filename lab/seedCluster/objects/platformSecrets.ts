import { createHash, randomBytes } from 'node:crypto';
import { bundle } from '../bundles.ts';
import type { LeafName } from '../certificates.ts';
import { apiIntName, appsDomain, pullSecret, type SeedIdentity } from '../identity.ts';
import { webhookAuthenticatorKubeconfig } from '../kubeconfigs.ts';
import { certificateAnnotations, keyFiles, leafFiles, signerFiles } from '../operands/operand.ts';
import type { SeedPki } from '../pki.ts';
import type { SignerName } from '../signers.ts';
import { base64, type KubeObject, secret } from './kubeObject.ts';
import { WEBHOOK_NAMESPACE, WEBHOOK_SERVICE } from './webhooks.ts';

export interface PlatformSecretsInput {
  readonly identity: SeedIdentity;
  readonly pki: SeedPki;
  /** bcrypt of the password of `kubeadmin`. */
  readonly kubeadminHash: string;
}

/** The Secrets of operators and of the platform, beside those that the static pods read. */
export function platformSecrets(input: PlatformSecretsInput): KubeObject[] {
  return [
    ...signerSecrets(input.pki),
    ...leafSecrets(input.pki),
    ...keySecrets(input.pki),
    ...routerSecrets(input),
    ...accessSecrets(input),
  ];
}

/** Operators keep the signers they rotate with in their own namespaces; the names differ from the subjects. */
const SIGNER_SECRETS: readonly (readonly [namespace: string, name: string, signer: SignerName])[] = [
  ['openshift-kube-apiserver-operator', 'aggregator-client-signer', 'aggregator-client-signer'],
  [
    'openshift-kube-apiserver-operator',
    'kube-apiserver-to-kubelet-signer',
    'kube-apiserver-to-kubelet-signer',
  ],
  ['openshift-kube-apiserver-operator', 'kube-control-plane-signer', 'kube-control-plane-signer'],
  ['openshift-kube-apiserver-operator', 'loadbalancer-serving-signer', 'kube-apiserver-lb-signer'],
  ['openshift-kube-apiserver-operator', 'localhost-serving-signer', 'kube-apiserver-localhost-signer'],
  [
    'openshift-kube-apiserver-operator',
    'service-network-serving-signer',
    'kube-apiserver-service-network-signer',
  ],
  [
    'openshift-kube-apiserver-operator',
    'localhost-recovery-serving-signer',
    'localhost-recovery-serving-signer',
  ],
  ['openshift-kube-apiserver-operator', 'node-system-admin-signer', 'node-system-admin-signer'],
  ['openshift-kube-controller-manager-operator', 'csr-signer-signer', 'csr-signer-signer'],
  ['openshift-kube-controller-manager-operator', 'csr-signer', 'csr-signer'],
  ['openshift-config', 'etcd-signer', 'etcd-signer'],
  ['openshift-config', 'etcd-metric-signer', 'etcd-metric-signer'],
  ['openshift-etcd', 'etcd-signer', 'etcd-signer'],
  ['openshift-etcd', 'etcd-metric-signer', 'etcd-metric-signer'],
  ['openshift-service-ca', 'signing-key', 'service-serving-signer'],
  ['openshift-ingress-operator', 'router-ca', 'ingress-operator'],
];

const signerSecrets = (pki: SeedPki): KubeObject[] =>
  SIGNER_SECRETS.map(([namespace, name, signer]) =>
    secret(
      { name, namespace, annotations: certificateAnnotations(pki.signers[signer].certificate) },
      signerFiles(pki, signer),
      'kubernetes.io/tls',
    ),
  );

const LEAF_SECRETS: readonly (readonly [namespace: string, name: string, leaf: LeafName])[] = [
  ['openshift-kube-apiserver-operator', 'node-system-admin-client', 'node-system-admin-client'],
  ['openshift-config', 'etcd-client', 'etcd-client'],
  ['openshift-config', 'etcd-metric-client', 'etcd-metric-client'],
  ['openshift-etcd', 'etcd-client', 'etcd-client'],
  ['openshift-etcd-operator', 'etcd-client', 'etcd-client'],
  ['openshift-apiserver', 'etcd-client', 'etcd-client'],
  ['openshift-oauth-apiserver', 'etcd-client', 'etcd-client'],
  ['openshift-config-managed', 'kube-controller-manager-client-cert-key', 'kube-controller-manager-client'],
  ['openshift-config-managed', 'kube-scheduler-client-cert-key', 'kube-scheduler-client'],
  ['openshift-ingress', 'router-certs-default', 'router-default'],
  ['openshift-machine-config-operator', 'machine-config-server-tls', 'machine-config-server'],
  ['openshift-monitoring', 'metrics-client-certs', 'metrics-client'],
];

function leafSecrets(pki: SeedPki): KubeObject[] {
  const plain = LEAF_SECRETS.map(([namespace, name, leaf]) =>
    secret({ name, namespace }, leafFiles(pki, leaf), 'kubernetes.io/tls'),
  );
  const packageserverCa = pki.signers['packageserver-signer'].certificate;
  return [
    ...plain,
    secret(
      {
        name: 'webhook-serving',
        namespace: WEBHOOK_NAMESPACE,
        annotations: { 'service.beta.openshift.io/originating-service-name': WEBHOOK_SERVICE },
      },
      leafFiles(pki, 'webhook-serving'),
      'kubernetes.io/tls',
    ),
    secret(
      {
        name: 'packageserver-service-cert',
        namespace: 'openshift-operator-lifecycle-manager',
        annotations: { olmcahash: createHash('sha256').update(packageserverCa).digest('hex') },
      },
      { ...leafFiles(pki, 'packageserver-serving'), olmCAKey: packageserverCa },
      'kubernetes.io/tls',
    ),
  ];
}

function keySecrets(pki: SeedPki): KubeObject[] {
  return [
    secret(
      { name: 'next-bound-service-account-signing-key', namespace: 'openshift-kube-apiserver-operator' },
      keyFiles(pki.boundServiceAccount),
    ),
    secret(
      { name: 'next-service-account-private-key', namespace: 'openshift-kube-controller-manager-operator' },
      keyFiles(pki.serviceAccount),
    ),
  ];
}

/** recert renames the data keys, which are the applications' domain. */
function routerSecrets({ identity, pki }: PlatformSecretsInput): KubeObject[] {
  const { certificate, key } = pki.leaves['router-default'];
  const data = { [appsDomain(identity)]: certificate + key };
  return [
    secret({ name: 'v4-0-config-system-router-certs', namespace: 'openshift-authentication' }, data),
    secret({ name: 'router-certs', namespace: 'openshift-config-managed' }, data),
  ];
}

function accessSecrets({ identity, pki, kubeadminHash }: PlatformSecretsInput): KubeObject[] {
  const webhook = { kubeConfig: webhookAuthenticatorKubeconfig(pki) };
  return [
    secret({ name: 'kubeadmin', namespace: 'kube-system' }, { kubeadmin: kubeadminHash }),
    secret(
      { name: 'pull-secret', namespace: 'openshift-config' },
      { '.dockerconfigjson': pullSecret() },
      'kubernetes.io/dockerconfigjson',
    ),
    secret({ name: 'webhook-authentication-integrated-oauth', namespace: 'openshift-config' }, webhook),
    secret(
      { name: 'v4-0-config-system-session', namespace: 'openshift-authentication' },
      { 'v4-0-config-system-session': sessionSecrets() },
    ),
    secret(
      { name: 'worker-user-data-managed', namespace: 'openshift-machine-api' },
      { disableTemplating: 'true', userData: workerPointer(identity, pki) },
    ),
  ];
}

function sessionSecrets(): string {
  const random = () => randomBytes(32).toString('base64');
  return JSON.stringify({
    kind: 'SessionSecrets',
    apiVersion: 'v1',
    secrets: [{ authentication: random(), encryption: random() }],
  });
}

/** The pointer Ignition that new workers would boot with. */
function workerPointer(identity: SeedIdentity, pki: SeedPki): string {
  const source = `data:text/plain;charset=utf-8;base64,${base64(bundle(pki, 'root'))}`;
  return JSON.stringify({
    ignition: {
      config: { merge: [{ source: `https://${apiIntName(identity)}:22623/config/worker` }] },
      security: { tls: { certificateAuthorities: [{ source }] } },
      version: '3.2.0',
    },
  });
}
