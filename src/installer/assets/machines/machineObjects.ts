import type { MachineRole } from './machineFiles.ts';
import { MACHINE_API_NAMESPACE } from './secrets.ts';

/** How the host's disk is written: not from an image, but by coreos-installer on the host. */
export const CUSTOM_DEPLOY = { method: 'install_coreos' };

const API_VERSION = 'machine.openshift.io/v1beta1';

/** What Machines of one role of one cluster have in common. */
export interface MachineKind {
  readonly infraId: string;
  readonly role: MachineRole;
  /** Name of the Secret with the pointer config. */
  readonly userData: string;
}

/** A control plane machine or an arbiter. */
export const machineOf = (kind: MachineKind, index: number) => ({
  apiVersion: API_VERSION,
  kind: 'Machine',
  metadata: {
    creationTimestamp: null,
    labels: labelsOf(kind),
    name: `${kind.infraId}-${kind.role}-${index}`,
    namespace: MACHINE_API_NAMESPACE,
  },
  spec: specOf(kind),
  status: {},
});

/** The machines of a pool that the cluster makes itself when it runs. */
export function machineSetOf(kind: MachineKind, replicas: number) {
  const name = `${kind.infraId}-${kind.role}-0`;
  const ofSet = { 'machine.openshift.io/cluster-api-machineset': name };
  return {
    apiVersion: API_VERSION,
    kind: 'MachineSet',
    metadata: { creationTimestamp: null, labels: labelsOf(kind), name, namespace: MACHINE_API_NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: { ...clusterLabel(kind), ...ofSet } },
      template: { metadata: { labels: { ...labelsOf(kind), ...ofSet } }, spec: specOf(kind) },
    },
    status: { replicas: 0 },
  };
}

const clusterLabel = ({ infraId }: MachineKind) => ({ 'machine.openshift.io/cluster-api-cluster': infraId });

const labelsOf = (kind: MachineKind) => ({
  ...clusterLabel(kind),
  'machine.openshift.io/cluster-api-machine-role': kind.role,
  'machine.openshift.io/cluster-api-machine-type': kind.role,
});

const specOf = ({ userData }: MachineKind) => ({
  lifecycleHooks: {},
  metadata: {},
  providerSpec: {
    value: {
      apiVersion: 'baremetal.cluster.k8s.io/v1alpha1',
      customDeploy: CUSTOM_DEPLOY,
      hostSelector: {},
      image: { checksum: '', url: '' },
      kind: 'BareMetalMachineProviderSpec',
      metadata: { creationTimestamp: null },
      userData: { name: userData },
    },
  },
});
