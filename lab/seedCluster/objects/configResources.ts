import { LAB_REGISTRY } from '#lab/network.ts';
import {
  apiIntUrl,
  apiUrl,
  appsDomain,
  CLUSTER_NETWORK,
  clusterDomain,
  SERVICE_NETWORK,
  type SeedIdentity,
} from '../identity.ts';
import type { Fields, KubeObject } from './kubeObject.ts';

const CLUSTER_OPERATORS = [
  'authentication',
  'dns',
  'etcd',
  'ingress',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'machine-config',
  'network',
  'node-tuning',
  'service-ca',
];

export const infrastructureStatus = (identity: SeedIdentity) => ({
  apiServerInternalURI: apiIntUrl(identity),
  apiServerURL: apiUrl(identity),
  controlPlaneTopology: 'SingleReplica',
  cpuPartitioning: 'None',
  etcdDiscoveryDomain: '',
  infrastructureName: identity.infraID,
  infrastructureTopology: 'SingleReplica',
  platform: 'None',
  platformStatus: { type: 'None' },
});

/** The cluster's configuration: config.openshift.io, the mirror sets and the catalog. */
export function configResources(identity: SeedIdentity): KubeObject[] {
  const network = {
    clusterNetwork: [{ cidr: CLUSTER_NETWORK, hostPrefix: 23 }],
    networkType: 'OVNKubernetes',
    serviceNetwork: [SERVICE_NETWORK],
  };
  const oauthHost = `oauth-openshift.${appsDomain(identity)}`;
  return [
    clusterVersion(identity),
    config('Infrastructure', { platformSpec: { type: 'None' } }, infrastructureStatus(identity)),
    config('DNS', { baseDomain: clusterDomain(identity) }, {}),
    config(
      'Ingress',
      { domain: appsDomain(identity) },
      {
        componentRoutes: [
          {
            name: 'oauth-openshift',
            namespace: 'openshift-authentication',
            currentHostnames: [oauthHost],
            defaultHostname: oauthHost,
          },
        ],
      },
    ),
    config('Network', network, { ...network, clusterNetworkMTU: 1400 }),
    config('Proxy', { trustedCA: { name: '' } }, {}),
    config('APIServer', { audit: { profile: 'Default' } }),
    config('Authentication', { oauthMetadata: { name: '' }, serviceAccountIssuer: '', type: '' }),
    config('Console', {}, { consoleURL: `https://console-openshift-console.${appsDomain(identity)}` }),
    config('FeatureGate', {}),
    config('Image', {}, { internalRegistryHostname: 'image-registry.openshift-image-registry.svc:5000' }),
    config('OAuth', {}),
    config('Scheduler', { mastersSchedulable: true }),
    ...CLUSTER_OPERATORS.map((name) => clusterOperator(name, identity)),
    ...mirrors(identity),
  ];
}

function config(kind: string, spec: Fields, status?: Fields, name = 'cluster'): KubeObject {
  return {
    apiVersion: 'config.openshift.io/v1',
    kind,
    metadata: { name },
    spec,
    ...(status !== undefined && { status }),
  };
}

export const releaseImage = (identity: SeedIdentity): string =>
  `${LAB_REGISTRY.name}/openshift/release:${identity.releaseVersion}`;

function clusterVersion(identity: SeedIdentity): KubeObject {
  const desired = { version: identity.releaseVersion, image: releaseImage(identity) };
  const at = '2026-01-01T00:00:00Z';
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: at, message: '' });
  return config(
    'ClusterVersion',
    { channel: 'stable', clusterID: identity.clusterID },
    {
      availableUpdates: null,
      conditions: [
        condition('Available', 'True'),
        condition('Failing', 'False'),
        condition('Progressing', 'False'),
      ],
      desired,
      history: [{ ...desired, state: 'Completed', startedTime: at, completionTime: at, verified: false }],
      observedGeneration: 1,
      versionHash: '',
    },
    'version',
  );
}

function clusterOperator(name: string, identity: SeedIdentity): KubeObject {
  const condition = (type: string, status: string) => ({ type, status, reason: 'AsExpected' });
  return config(
    'ClusterOperator',
    {},
    {
      conditions: [
        condition('Available', 'True'),
        condition('Progressing', 'False'),
        condition('Degraded', 'False'),
      ],
      versions: [{ name: 'operator', version: identity.releaseVersion }],
    },
    name,
  );
}

/** A disconnected cluster's mirror sets and catalog; post-pivot replaces them by those of the configuration. */
function mirrors(identity: SeedIdentity): KubeObject[] {
  return [
    config(
      'ImageDigestMirrorSet',
      {
        imageDigestMirrors: [
          {
            source: 'quay.io/openshift-release-dev/ocp-release',
            mirrors: [`${LAB_REGISTRY.name}/openshift/release`],
          },
        ],
      },
      undefined,
      'lab-mirror',
    ),
    {
      apiVersion: 'operators.coreos.com/v1alpha1',
      kind: 'CatalogSource',
      metadata: { name: 'lab-catalog', namespace: 'openshift-marketplace' },
      spec: { sourceType: 'grpc', image: `${LAB_REGISTRY.name}/lab/catalog:${identity.releaseVersion}` },
    },
  ];
}
