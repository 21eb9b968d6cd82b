import { itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editData } from '#k8s/data.ts';
import { editResource } from '#k8s/resource.ts';
import { clusterOf, editTextDocument, type ObjectRule, renamesCluster } from './rule.ts';

const consoleUrl = (domain: string): string => `https://console-openshift-console.apps.${domain}`;

/** The web console, if the cluster has that capability. */
export const CONSOLE_RULES: readonly ObjectRule[] = [
  {
    name: 'console-public',
    objects: ['configmaps/openshift-config-managed/console-public'],
    isWanted: renamesCluster,
    edit: (configMap, { renames }) =>
      editData(configMap, 'consoleURL', () => consoleUrl(clusterOf(renames).domain)),
  },
  {
    name: 'console-status',
    objects: ['config.openshift.io/consoles/cluster'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (console, { renames }) =>
      editResource(console, (root) =>
        replaceText(nodeAt(root, 'status', 'consoleURL'), consoleUrl(clusterOf(renames).domain)),
      ),
  },
  {
    name: 'console-cli-downloads',
    objects: ['console.openshift.io/consoleclidownloads/oc-cli-downloads'],
    isWanted: renamesCluster,
    edit: (downloads, { renames }) =>
      editResource(downloads, (root) => {
        const host = `downloads-openshift-console.apps.${clusterOf(renames).domain}`;
        for (const link of itemsAt(root, 'spec', 'links')) {
          const href = link.get('href');
          replaceText(href, (href?.text() ?? '').replace(/^(https?:\/\/)[^/:]+/, `$1${host}`));
        }
      }),
  },
  {
    name: 'console-config',
    objects: ['configmaps/openshift-console/console-config'],
    isWanted: renamesCluster,
    edit: (configMap, { renames }) =>
      editData(configMap, 'console-config.yaml', (text) =>
        editTextDocument(text, (root) => {
          const { domain } = clusterOf(renames);
          replaceText(nodeAt(root, 'clusterInfo', 'consoleBaseAddress'), consoleUrl(domain));
          replaceText(nodeAt(root, 'clusterInfo', 'masterPublicURL'), `https://api.${domain}:6443`);
        }),
      ),
  },
];
