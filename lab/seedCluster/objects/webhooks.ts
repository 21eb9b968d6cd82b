import { bundle } from '../bundles.ts';
import type { SeedPki } from '../pki.ts';
import { base64, type KubeObject } from './kubeObject.ts';

export const WEBHOOK_NAMESPACE = 'openshift-lifecycle-agent';
export const WEBHOOK_SERVICE = 'lifecycle-agent-webhook';

const INJECTED = { 'service.beta.openshift.io/inject-cabundle': 'true' };

/** Every kind of object that carries a CA bundle for a server inside the cluster. None of these servers runs. */
export function webhooks(pki: SeedPki): KubeObject[] {
  const caBundle = base64(bundle(pki, 'serviceServing'));
  return [
    admission('ValidatingWebhookConfiguration', '/validate', caBundle),
    admission('MutatingWebhookConfiguration', '/mutate', caBundle),
    apiService('v1.route.openshift.io', caBundle, { namespace: 'openshift-apiserver', name: 'api' }),
    apiService('v1.image.openshift.io', caBundle, { namespace: 'openshift-apiserver', name: 'api' }),
    apiService('v1.packages.operators.coreos.com', base64(pki.signers['packageserver-signer'].certificate), {
      namespace: 'openshift-operator-lifecycle-manager',
      name: 'packageserver-service',
    }),
  ];
}

function admission(kind: string, path: string, caBundle: string): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'lifecycle-agent', annotations: INJECTED },
    webhooks: [
      {
        name: 'seedgenerators.lca.openshift.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        timeoutSeconds: 1,
        rules: [
          {
            apiGroups: ['lca.openshift.io'],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['seedgenerators'],
          },
        ],
        clientConfig: { caBundle, service: { namespace: WEBHOOK_NAMESPACE, name: WEBHOOK_SERVICE, path } },
      },
    ],
  };
}

function apiService(
  name: string,
  caBundle: string,
  service: { readonly namespace: string; readonly name: string },
): KubeObject {
  const [version, ...group] = name.split('.');
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, annotations: INJECTED },
    spec: {
      group: group.join('.'),
      version,
      groupPriorityMinimum: 9900,
      versionPriority: 15,
      caBundle,
      service: { ...service, port: 443 },
    },
  };
}
