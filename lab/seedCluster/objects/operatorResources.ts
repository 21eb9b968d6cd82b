import { appsDomain, REVISION, type SeedIdentity } from '../identity.ts';
import { observedControllerArguments } from '../operands/controllers.ts';
import { observedApiserverArguments } from '../operands/kubeApiserver.ts';
import type { Fields, KubeObject } from './kubeObject.ts';
import { oauthServerConfig, openshiftApiserverConfig } from './platformConfigMaps.ts';

/** What the operators of the control plane observe and report: operator.openshift.io. */
export function operatorResources(identity: SeedIdentity): KubeObject[] {
  const apps = appsDomain(identity);
  const etcdServers = { 'etcd-servers': [`https://${identity.nodeIp}:2379`] };
  const managed = { logLevel: 'Normal', managementState: 'Managed', operatorLogLevel: 'Normal' };
  const revisions = {
    latestAvailableRevision: REVISION,
    nodeStatuses: [{ nodeName: identity.hostname, currentRevision: REVISION }],
  };
  const proxied = { targetconfigcontroller: {} };
  return [
    operator('Etcd', { ...managed }, revisions),
    operator(
      'KubeAPIServer',
      {
        ...managed,
        observedConfig: { ...proxied, apiServerArguments: observedApiserverArguments(identity) },
      },
      revisions,
    ),
    operator(
      'KubeControllerManager',
      {
        ...managed,
        observedConfig: { ...proxied, extendedArguments: observedControllerArguments(identity) },
      },
      revisions,
    ),
    operator('KubeScheduler', { ...managed }, revisions),
    operator('OpenShiftAPIServer', { ...managed, observedConfig: openshiftApiserverConfig(identity) }),
    operator('Authentication', {
      ...managed,
      observedConfig: {
        oauthAPIServer: { apiServerArguments: etcdServers },
        oauthServer: oauthServerConfig(identity),
      },
    }),
    operator('DNS', { ...managed }),
    operator('ServiceCA', { ...managed }),
    {
      ...operator('Network', { ...managed, defaultNetwork: { type: 'OVNKubernetes' } }),
      metadata: {
        name: 'cluster',
        annotations: { 'networkoperator.openshift.io/ovn-cluster-initiator': identity.nodeIp },
      },
    },
    {
      apiVersion: 'operator.openshift.io/v1',
      kind: 'IngressController',
      metadata: { name: 'default', namespace: 'openshift-ingress-operator' },
      spec: { replicas: 1 },
      status: { availableReplicas: 1, domain: apps },
    },
  ];
}

function operator(kind: string, spec: Fields, status: Fields = {}): KubeObject {
  return {
    apiVersion: 'operator.openshift.io/v1',
    kind,
    metadata: { name: 'cluster' },
    spec,
    status,
  };
}
