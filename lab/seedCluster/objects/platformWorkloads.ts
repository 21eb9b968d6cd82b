import {
  API_PORT,
  apiIntName,
  apiIntUrl,
  appsDomain,
  DNS_SERVICE_IP,
  type SeedIdentity,
} from '../identity.ts';
import { releaseImage } from './configResources.ts';
import type { KubeObject } from './kubeObject.ts';
import type { PlatformNamespace } from './namespaces.ts';
import { WEBHOOK_NAMESPACE, WEBHOOK_SERVICE } from './webhooks.ts';

interface WorkloadPlan {
  readonly kind: 'Deployment' | 'DaemonSet';
  readonly namespace: PlatformNamespace;
  readonly name: string;
  readonly container: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its environment goes to an init container of this name, not to the container. */
  readonly initContainer?: string;
}

/**
 * The platform's workloads that carry names and addresses of the cluster in arguments and environment, and that
 * recert therefore edits. They are there as objects only: no replica runs, no node is selected.
 */
export function platformWorkloads(identity: SeedIdentity): KubeObject[] {
  const plans = [...deployments(identity), ...daemonSets(identity)];
  return [
    ...plans.map((plan) => workload(plan, identity.images.pause)),
    service('openshift-dns', 'dns-default', { port: 53, protocol: 'UDP' }, DNS_SERVICE_IP),
    service(WEBHOOK_NAMESPACE, WEBHOOK_SERVICE, { port: 443, targetPort: 9443 }),
    service('openshift-apiserver', 'api', { port: 443, targetPort: 8443 }),
    service('openshift-operator-lifecycle-manager', 'packageserver-service', { port: 443, targetPort: 5443 }),
  ];
}

const apiHost = (identity: SeedIdentity) => ({
  KUBERNETES_SERVICE_HOST: apiIntName(identity),
  KUBERNETES_SERVICE_PORT: String(API_PORT),
});

function deployments(identity: SeedIdentity): WorkloadPlan[] {
  const apps = appsDomain(identity);
  return [
    {
      kind: 'Deployment',
      namespace: 'openshift-cluster-version',
      name: 'cluster-version-operator',
      container: 'cluster-version-operator',
      image: releaseImage(identity),
      args: ['start', `--release-image=${releaseImage(identity)}`],
      env: apiHost(identity),
    },
    {
      kind: 'Deployment',
      namespace: 'openshift-ingress',
      name: 'router-default',
      container: 'router',
      env: { ROUTER_CANONICAL_HOSTNAME: `router-default.${apps}`, ROUTER_DOMAIN: apps },
    },
    {
      kind: 'Deployment',
      namespace: 'openshift-apiserver-operator',
      name: 'openshift-apiserver-operator',
      container: 'openshift-apiserver-operator',
      env: { KUBE_APISERVER_OPERATOR_IMAGE: identity.images.pause },
    },
    {
      kind: 'Deployment',
      namespace: 'openshift-oauth-apiserver',
      name: 'apiserver',
      container: 'oauth-apiserver',
      args: [`--etcd-servers=https://${identity.nodeIp}:2379`],
    },
    {
      kind: 'Deployment',
      namespace: 'openshift-apiserver',
      name: 'apiserver',
      container: 'openshift-apiserver',
    },
  ];
}

function daemonSets(identity: SeedIdentity): WorkloadPlan[] {
  return [
    {
      kind: 'DaemonSet',
      namespace: 'openshift-multus',
      name: 'multus',
      container: 'kube-multus',
      env: apiHost(identity),
    },
    {
      kind: 'DaemonSet',
      namespace: 'openshift-multus',
      name: 'multus-additional-cni-plugins',
      container: 'kube-multus-additional-cni-plugins',
      initContainer: 'whereabouts-cni',
      env: apiHost(identity),
    },
    {
      kind: 'DaemonSet',
      namespace: 'openshift-machine-config-operator',
      name: 'machine-config-server',
      container: 'machine-config-server',
      args: ['start', `--apiserver-url=${apiIntUrl(identity)}`],
    },
  ];
}

function workload(plan: WorkloadPlan, pause: string): KubeObject {
  const labels = { app: plan.name };
  const env = Object.entries(plan.env ?? {}).map(([name, value]) => ({ name, value }));
  const main = { name: plan.container, image: plan.image ?? pause, ...(plan.args && { args: plan.args }) };
  const asObjectOnly = plan.kind === 'Deployment' ? {} : { nodeSelector: { 'lab.sower/not-a-node': 'true' } };
  return {
    apiVersion: 'apps/v1',
    kind: plan.kind,
    metadata: { name: plan.name, namespace: plan.namespace },
    spec: {
      ...(plan.kind === 'Deployment' && { replicas: 0 }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...asObjectOnly,
          ...(plan.initContainer === undefined
            ? { containers: [{ ...main, env }] }
            : { initContainers: [{ name: plan.initContainer, image: pause, env }], containers: [main] }),
        },
      },
    },
  };
}

function service(
  namespace: PlatformNamespace,
  name: string,
  port: Readonly<Record<string, unknown>>,
  clusterIP?: string,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [port], ...(clusterIP !== undefined && { clusterIP }) },
  };
}
