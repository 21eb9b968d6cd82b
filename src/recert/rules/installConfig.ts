import { nodeAt, replaceText } from '#formats/document.ts';
import { dataOf, setData } from '#k8s/data.ts';
import type { Resource } from '#k8s/resource.ts';
import { clusterOf, editTextDocument, type ObjectRule, present, renamesCluster } from './rule.ts';

const OBJECTS = ['configmaps/kube-system/cluster-config-v1', 'configmaps/openshift-etcd/cluster-config-v1'];
const KEY = 'install-config';

function editInstallConfig(configMap: Resource, edit: Parameters<typeof editTextDocument>[1]): Resource {
  const text = dataOf(configMap, KEY);
  return text === undefined ? configMap : setData(configMap, KEY, editTextDocument(text, edit));
}

/** The installer's input as the cluster remembers it. */
export const INSTALL_CONFIG_NAME: ObjectRule = {
  name: 'install-config-name',
  objects: OBJECTS,
  isUsual: true,
  isWanted: renamesCluster,
  edit: (configMap, { renames }) =>
    editInstallConfig(configMap, (root) => {
      const { name, baseDomain } = clusterOf(renames);
      replaceText(present(root.get('baseDomain'), '/baseDomain'), baseDomain);
      replaceText(present(nodeAt(root, 'metadata', 'name'), '/metadata/name'), name);
    }),
};

export const INSTALL_CONFIG_TEXT: ObjectRule = {
  name: 'install-config-text',
  objects: OBJECTS,
  isUsual: true,
  isWanted: (renames) => renames.installConfig !== undefined,
  edit: (configMap, { renames }) => setData(configMap, KEY, renames.installConfig ?? ''),
};

export const MACHINE_NETWORKS: ObjectRule = {
  name: 'install-config-machine-networks',
  objects: OBJECTS,
  isUsual: true,
  isWanted: (renames) => renames.machineNetworks !== undefined,
  edit: (configMap, { renames }) =>
    editInstallConfig(configMap, (root) => {
      const networks = present(nodeAt(root, 'networking', 'machineNetwork'), '/networking/machineNetwork');
      networks.replace((renames.machineNetworks ?? []).map((cidr) => ({ cidr })));
    }),
};
