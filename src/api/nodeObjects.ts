/** How a custom resource lies in etcd: as JSON, in this version, below group and resource. */
interface StoredKind {
  readonly apiVersion: string;
  readonly resource: string;
  readonly isNamespaced: boolean;
}

/**
 * Custom resources that decide how a node is set up, by kind: what of them is there when a cluster starts costs no
 * roll-out, what comes later may.
 */
export const NODE_OBJECTS: ReadonlyMap<string, StoredKind> = new Map([
  ['MachineConfig', cluster('machineconfiguration.openshift.io/v1', 'machineconfigs')],
  ['ImageContentSourcePolicy', cluster('operator.openshift.io/v1alpha1', 'imagecontentsourcepolicies')],
  ['ImageDigestMirrorSet', cluster('config.openshift.io/v1', 'imagedigestmirrorsets')],
  ['ImageTagMirrorSet', cluster('config.openshift.io/v1', 'imagetagmirrorsets')],
  [
    'CatalogSource',
    { apiVersion: 'operators.coreos.com/v1alpha1', resource: 'catalogsources', isNamespaced: true },
  ],
]);

function cluster(apiVersion: string, resource: string): StoredKind {
  return { apiVersion, resource, isNamespaced: false };
}

/** True for an object that can be put into etcd before the cluster starts. */
export const isNodeObject = ({ apiVersion, kind }: { apiVersion?: unknown; kind: string }): boolean =>
  NODE_OBJECTS.get(kind)?.apiVersion === apiVersion && apiVersion !== undefined;
