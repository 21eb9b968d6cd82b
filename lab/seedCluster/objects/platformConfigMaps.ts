import { stringify } from 'yaml';
import { type BundleName, bundle, externalBundle } from '../bundles.ts';
import {
  apiIntUrl,
  apiUrl,
  appsDomain,
  CLUSTER_NETWORK,
  REVISION,
  SERVICE_NETWORK,
  type SeedIdentity,
} from '../identity.ts';
import { oauthMetadata } from '../operands/kubeApiserver.ts';
import type { SeedPki } from '../pki.ts';
import { staticPods } from '../staticPods.ts';
import { configMap, type KubeObject } from './kubeObject.ts';
import type { PlatformNamespace } from './namespaces.ts';

/** The ConfigMaps of operators and of the platform, beside those that the static pods read. */
export function platformConfigMaps(identity: SeedIdentity, pki: SeedPki): KubeObject[] {
  return [
    ...bundleConfigMaps(pki),
    ...serviceCaConfigMaps(pki),
    ...podConfigMaps(identity),
    ...installConfigs(identity),
    ...namedConfigMaps(identity),
    cm('openshift-config-managed', 'sa-token-signing-certs', {
      'service-account-001.pub': pki.serviceAccount.publicKey,
    }),
    cm('openshift-config-managed', 'trusted-ca-bundle', { 'ca-bundle.crt': externalBundle(pki) }),
    cm('openshift-config', 'user-ca-bundle', { 'ca-bundle.crt': pki.externalRoots[0] ?? '' }),
    cm('openshift-apiserver', 'trusted-ca-bundle', { 'ca-bundle.crt': externalBundle(pki) }),
    cm('openshift-apiserver', 'image-import-ca', {}),
  ];
}

const cm = (
  namespace: PlatformNamespace | 'kube-system',
  name: string,
  data: Readonly<Record<string, string>>,
): KubeObject => configMap({ name, namespace }, data);

const BUNDLE_CONFIG_MAPS: readonly (readonly [PlatformNamespace, string, BundleName])[] = [
  ['openshift-config-managed', 'kube-apiserver-aggregator-client-ca', 'aggregator'],
  ['openshift-config-managed', 'kube-apiserver-client-ca', 'client'],
  ['openshift-config-managed', 'kube-apiserver-server-ca', 'server'],
  ['openshift-config-managed', 'kubelet-serving-ca', 'kubeletServing'],
  ['openshift-config-managed', 'service-ca', 'serviceServing'],
  ['openshift-config-managed', 'default-ingress-cert', 'ingress'],
  ['openshift-config', 'admin-kubeconfig-client-ca', 'admin'],
  ['openshift-config', 'etcd-serving-ca', 'etcd'],
  ['openshift-config', 'etcd-metric-serving-ca', 'etcdMetric'],
  ['openshift-etcd', 'etcd-ca-bundle', 'etcd'],
  ['openshift-apiserver', 'etcd-serving-ca', 'etcd'],
  ['openshift-oauth-apiserver', 'etcd-serving-ca', 'etcd'],
  ['openshift-service-ca', 'signing-cabundle', 'serviceServing'],
];

function bundleConfigMaps(pki: SeedPki): KubeObject[] {
  return [
    ...BUNDLE_CONFIG_MAPS.map(([namespace, name, from]) =>
      cm(namespace, name, { 'ca-bundle.crt': bundle(pki, from) }),
    ),
    cm('kube-system', 'root-ca', { 'ca.crt': bundle(pki, 'root') }),
    cm('openshift-machine-config-operator', 'kubeconfig-data', { 'ca-bundle.crt': bundle(pki, 'server') }),
    cm('openshift-config-managed', 'oauth-serving-cert', {
      'ca-bundle.crt': pki.leaves['router-default'].certificate,
    }),
  ];
}

/** service-ca-operator injects its signer into a ConfigMap of every namespace; here where components read it. */
const SERVICE_CA_NAMESPACES: readonly PlatformNamespace[] = [
  'openshift-apiserver',
  'openshift-authentication',
  'openshift-console',
  'openshift-etcd',
  'openshift-ingress',
  'openshift-kube-apiserver',
  'openshift-kube-controller-manager',
  'openshift-kube-scheduler',
  'openshift-lifecycle-agent',
  'openshift-machine-config-operator',
  'openshift-monitoring',
  'openshift-multus',
];

const serviceCaConfigMaps = (pki: SeedPki): KubeObject[] =>
  SERVICE_CA_NAMESPACES.map((namespace) =>
    configMap(
      {
        name: 'openshift-service-ca.crt',
        namespace,
        annotations: { 'service.beta.openshift.io/inject-cabundle': 'true' },
      },
      { 'service-ca.crt': bundle(pki, 'serviceServing') },
    ),
  );

/** The operators' copies of the static pods, which installer pods lay on disk. */
function podConfigMaps(identity: SeedIdentity): KubeObject[] {
  return Object.entries(staticPods(identity)).flatMap(([component, pod]) =>
    [`${component}-pod`, `${component}-pod-${REVISION}`].map((name) =>
      configMap({ name, namespace: `openshift-${component}` }, { 'pod.yaml': JSON.stringify(pod) }),
    ),
  );
}

function installConfigs(identity: SeedIdentity): KubeObject[] {
  const installConfig = {
    additionalTrustBundlePolicy: 'Proxyonly',
    apiVersion: 'v1',
    baseDomain: identity.baseDomain,
    compute: [
      { architecture: 'amd64', hyperthreading: 'Enabled', name: 'worker', platform: {}, replicas: 0 },
    ],
    controlPlane: {
      architecture: 'amd64',
      hyperthreading: 'Enabled',
      name: 'master',
      platform: {},
      replicas: 1,
    },
    metadata: { name: identity.clusterName },
    networking: {
      clusterNetwork: [{ cidr: CLUSTER_NETWORK, hostPrefix: 23 }],
      machineNetwork: [{ cidr: identity.machineNetwork }],
      networkType: 'OVNKubernetes',
      serviceNetwork: [SERVICE_NETWORK],
    },
    platform: { none: {} },
    pullSecret: '',
    sshKey: identity.sshPublicKey,
  };
  const data = { 'install-config': stringify(installConfig, { version: '1.1', lineWidth: 0 }) };
  return [cm('kube-system', 'cluster-config-v1', data), cm('openshift-etcd', 'cluster-config-v1', data)];
}

/** Documents that carry the cluster's names in their text. */
function namedConfigMaps(identity: SeedIdentity): KubeObject[] {
  const apps = appsDomain(identity);
  const console = `https://console-openshift-console.${apps}`;
  const monitoring = (route: string) => `https://${route}-openshift-monitoring.${apps}`;
  const tenancy = 'alertmanager-main.openshift-monitoring.svc';
  const cliConfig = oauthServerConfig(identity);
  return [
    cm('openshift-config-managed', 'console-public', { consoleURL: console }),
    cm('openshift-config-managed', 'oauth-openshift', { oauthMetadata: oauthMetadata(identity) }),
    cm('openshift-config-managed', 'monitoring-shared-config', {
      alertmanagerPublicURL: monitoring('alertmanager-main'),
      alertmanagerTenancyHost: `${tenancy}:9092`,
      alertmanagerUserWorkloadHost: `${tenancy}:9094`,
      prometheusPublicURL: monitoring('prometheus-k8s'),
      thanosPublicURL: monitoring('thanos-querier'),
    }),
    cm('openshift-authentication', 'v4-0-config-system-metadata', { oauthMetadata: oauthMetadata(identity) }),
    cm('openshift-authentication', 'v4-0-config-system-cliconfig', {
      'v4-0-config-system-cliconfig': JSON.stringify(cliConfig),
    }),
    cm('openshift-console', 'console-config', {
      'console-config.yaml': stringify({
        clusterInfo: { consoleBaseAddress: console, masterPublicURL: apiUrl(identity) },
      }),
    }),
    cm('openshift-apiserver', 'config', {
      'config.yaml': JSON.stringify(openshiftApiserverConfig(identity)),
    }),
    cm('openshift-ovn-kubernetes', 'ovnkube-config', {
      'ovnkube.conf': `[default]\nmtu="1400"\n\n[kubernetes]\napiserver="${apiIntUrl(identity)}"\n`,
    }),
  ];
}

/** What Authentication's observedConfig and the OAuth server's own configuration share. */
export function oauthServerConfig(identity: SeedIdentity) {
  const apps = appsDomain(identity);
  const file = `/var/config/system/secrets/v4-0-config-system-router-certs/${apps}`;
  return {
    oauthConfig: {
      assetPublicURL: `https://console-openshift-console.${apps}`,
      loginURL: apiUrl(identity),
      masterPublicURL: `https://oauth-openshift.${apps}`,
    },
    servingInfo: { namedCertificates: [{ certFile: file, keyFile: file, names: [`*.${apps}`] }] },
  };
}

/** What OpenShiftAPIServer's observedConfig and the configuration of its operand share. */
export function openshiftApiserverConfig(identity: SeedIdentity) {
  return {
    routingConfig: { subdomain: appsDomain(identity) },
    storageConfig: { urls: [`https://${identity.nodeIp}:2379`] },
  };
}
