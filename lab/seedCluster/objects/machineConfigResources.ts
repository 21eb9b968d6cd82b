import { bundle, externalBundle } from '../bundles.ts';
import { clusterDomain, DNS_SERVICE_IP, pullSecret, type SeedIdentity } from '../identity.ts';
import type { MachineConfigs } from '../machineConfigs.ts';
import type { SeedPki } from '../pki.ts';
import { infrastructureStatus } from './configResources.ts';
import { base64, type KubeObject } from './kubeObject.ts';

const API = 'machineconfiguration.openshift.io/v1';

/** The machine-config operator's objects: configurations, the pool that runs them, the controller's inputs. */
export function machineConfigResources(
  identity: SeedIdentity,
  pki: SeedPki,
  { parts, rendered }: MachineConfigs,
): KubeObject[] {
  const configuration = {
    name: rendered.metadata.name,
    source: parts.map((part) => ({ apiVersion: API, kind: part.kind, name: part.metadata.name })),
  };
  const pool: KubeObject = {
    apiVersion: API,
    kind: 'MachineConfigPool',
    metadata: { name: 'master' },
    spec: {
      configuration,
      machineConfigSelector: { matchLabels: { 'machineconfiguration.openshift.io/role': 'master' } },
      nodeSelector: { matchLabels: { 'node-role.kubernetes.io/master': '' } },
      paused: false,
    },
    status: {
      conditions: [
        { type: 'Updated', status: 'True' },
        { type: 'Updating', status: 'False' },
        { type: 'Degraded', status: 'False' },
      ],
      configuration,
      degradedMachineCount: 0,
      machineCount: 1,
      readyMachineCount: 1,
      unavailableMachineCount: 0,
      updatedMachineCount: 1,
    },
  };
  return [...parts, rendered, pool, controllerConfig(identity, pki)];
}

function controllerConfig(identity: SeedIdentity, pki: SeedPki): KubeObject {
  return {
    apiVersion: API,
    kind: 'ControllerConfig',
    metadata: { name: 'machine-config-controller' },
    spec: {
      additionalTrustBundle: base64(externalBundle(pki)),
      clusterDNSIP: DNS_SERVICE_IP,
      dns: {
        apiVersion: 'config.openshift.io/v1',
        kind: 'DNS',
        metadata: { name: 'cluster' },
        spec: { baseDomain: clusterDomain(identity) },
        status: {},
      },
      infra: {
        apiVersion: 'config.openshift.io/v1',
        kind: 'Infrastructure',
        metadata: { name: 'cluster' },
        spec: { platformSpec: { type: 'None' } },
        status: infrastructureStatus(identity),
      },
      internalRegistryPullSecret: base64(pullSecret()),
      kubeAPIServerServingCAData: base64(bundle(pki, 'server')),
      proxy: null,
      pullSecret: { name: 'pull-secret', namespace: 'openshift-config' },
      rootCAData: base64(bundle(pki, 'root')),
    },
    status: { conditions: [{ type: 'TemplateControllerCompleted', status: 'True' }] },
  };
}
