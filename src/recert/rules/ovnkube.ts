import { editData } from '#k8s/data.ts';
import { clusterOf, type ObjectRule, renamesCluster } from './rule.ts';

/** The overlay network's own way to the API. */
export const OVNKUBE_CONFIG: ObjectRule = {
  name: 'ovnkube-config',
  objects: ['configmaps/openshift-ovn-kubernetes/ovnkube-config'],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (configMap, { renames }) =>
    editData(configMap, 'ovnkube.conf', (text) =>
      text.replace(
        /^apiserver="https:\/\/api-int\.[^\n]*$/m,
        `apiserver="https://api-int.${clusterOf(renames).domain}:6443"`,
      ),
    ),
};
