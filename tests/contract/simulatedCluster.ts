/** The pull secret of the simulated cluster. */
export const PULL_SECRET = JSON.stringify({ auths: { 'r.test': { auth: 'c2VlZDpzZWVk' } } });

/** Secrets with the keys that the cluster must get back. */
export const SIGNERS = ['loadbalancer', 'localhost', 'service-network'].map(
  (name) => `${name}-serving-signer`,
);

/** Of a client of the cluster, which listens on that port of this machine. */
export const kubeconfig = (port: number): string =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token: 't' } }],
  });

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const INSTALL_CONFIG = 'baseDomain: example.test\nmetadata: {name: seed}\nnetworking: {}\n';
const NODE = {
  metadata: { name: 'n1' },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [
      { type: 'InternalIP', address: '192.0.2.10' },
      { type: 'Hostname', address: 'n1' },
    ],
  },
};

/** Path of the API -> answer. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/v1': {
    resources: [
      { name: 'nodes', kind: 'Node', namespaced: false },
      { name: 'secrets', kind: 'Secret', namespaced: true },
      { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    ],
  },
  '/apis/config.openshift.io/v1': {
    resources: [{ name: 'clusterversions', kind: 'ClusterVersion', namespaced: false }],
  },
  '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
  '/api/v1/nodes': { items: [NODE] },
  '/apis/config.openshift.io/v1/clusterversions/version': {
    status: { desired: { version: '4.19.1', image: 'r.test/ocp:1' } },
  },
  '/api/v1/namespaces/kube-system/configmaps/cluster-config-v1': {
    data: { 'install-config': INSTALL_CONFIG },
  },
  '/api/v1/namespaces/openshift-config/secrets/pull-secret': {
    data: { '.dockerconfigjson': base64(PULL_SECRET) },
  },
  ...Object.fromEntries(
    SIGNERS.map((name) => [
      `/api/v1/namespaces/openshift-kube-apiserver-operator/secrets/${name}`,
      { data: { 'tls.key': base64(`key of ${name}`) } },
    ]),
  ),
};

/** What the cluster's API server answers; undefined: there is no such thing. */
export const answerOf = (url: string): unknown => ANSWERS[url.split('?')[0]!];
