import { type DocumentNode, itemNamed, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editResource } from '#k8s/resource.ts';
import { clusterOf, type ObjectRule, present, renamesCluster } from './rule.ts';

const SERVICE_HOST = 'KUBERNETES_SERVICE_HOST';

export function containersOf(podSpec: DocumentNode | undefined): DocumentNode[] {
  return [...itemsAt(podSpec, 'initContainers'), ...itemsAt(podSpec, 'containers')];
}

/**
 * Workloads on the host network reach the API by its internal name. The original knows the containers by name; the
 * variable with the old name of the API as its value is the same in all of them.
 */
export const SERVICE_HOST_RULE: ObjectRule = {
  name: 'kubernetes-service-host',
  objects: ['deployments/*', 'daemonsets/*', 'statefulsets/*'],
  isWanted: renamesCluster,
  edit: (workload, { renames }) =>
    editResource(workload, (root) => {
      const { domain, oldDomain } = clusterOf(renames);
      for (const container of containersOf(nodeAt(root, 'spec', 'template', 'spec'))) {
        const value = itemNamed(itemsAt(container, 'env'), 'name', SERVICE_HOST)?.get('value');
        const host = value?.text() ?? '';
        const isOld = oldDomain === undefined ? host.startsWith('api-int.') : host === `api-int.${oldDomain}`;
        if (isOld) replaceText(value, `api-int.${domain}`);
      }
    }),
};

/** The machine config server hands this URL to nodes that join. */
export const MACHINE_CONFIG_SERVER: ObjectRule = {
  name: 'machine-config-server',
  objects: ['daemonsets/openshift-machine-config-operator/machine-config-server'],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (daemonSet, { renames }) =>
    editResource(daemonSet, (root) => {
      const containers = itemsAt(root, 'spec', 'template', 'spec', 'containers');
      const server = present(itemNamed(containers, 'name', 'machine-config-server'), 'its container');
      const url = itemsAt(server, 'args').find((arg) => arg.text()?.startsWith('--apiserver-url='));
      replaceText(
        present(url, '--apiserver-url'),
        `--apiserver-url=https://api-int.${clusterOf(renames).domain}:6443`,
      );
    }),
};
