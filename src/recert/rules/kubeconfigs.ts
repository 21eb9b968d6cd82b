import { Failure } from '#base/failure.ts';
import { type DocumentNode, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { dataKeys, editData } from '#k8s/data.ts';
import type { ClusterName } from '../renames.ts';
import {
  baseName,
  clusterOf,
  editTextDocument,
  type FileRule,
  type ObjectRule,
  renamesCluster,
} from './rule.ts';

const API_HOST = /^https:\/\/(\[?)(api-int|api)\.([^\]:/]+)(\]?)(?::(\d+))?/;
const DEFAULT_PORT = '6443';

/** `https://api[-int].<any>:port` at the new domain; another server of another cluster is none of ours. */
function renamedServer(server: string, cluster: ClusterName): string {
  const match = API_HOST.exec(server);
  if (match === null) return server;
  const [, open = '', host = '', domain = '', close = '', port = DEFAULT_PORT] = match;
  if (cluster.oldDomain !== undefined && domain !== cluster.oldDomain) return server;
  return `https://${open}${host}.${cluster.domain}${close}:${port}`;
}

function editKubeconfig(root: DocumentNode, cluster: ClusterName): void {
  const clusters = itemsAt(root, 'clusters');
  const contexts = itemsAt(root, 'contexts');
  for (const entry of clusters) {
    const server = nodeAt(entry, 'cluster', 'server');
    replaceText(server, renamedServer(server?.text() ?? '', cluster));
  }
  if (!contexts.some((context) => context.get('name')?.text() === 'kubelet')) return;
  for (const entry of clusters) replaceText(entry.get('name'), cluster.name);
  for (const context of contexts) replaceText(nodeAt(context, 'context', 'cluster'), cluster.name);
}

/** Kubeconfigs of the node, edited where they stand: no round trip through YAML. */
export const KUBECONFIG_FILES: FileRule = {
  name: 'kubeconfig-files',
  isWanted: renamesCluster,
  matches: (path) => /kubeconfig$/.test(baseName(path)) || baseName(path) === 'kubeConfig',
  edit: (text, { renames }) => editTextDocument(text, (root) => editKubeconfig(root, clusterOf(renames))),
};

/** Whether the name of a value says that it may be a kubeconfig. */
export const isKubeconfigKey = (key: string): boolean => /kubeconfig/i.test(key);

/**
 * Kubeconfigs in config maps and secrets. The original knows those of two operators by name; any workload on the node
 * that reaches the API from outside the service network has one.
 */
export const KUBECONFIG_OBJECTS: ObjectRule = {
  name: 'kubeconfig-objects',
  objects: ['configmaps/*', 'secrets/*'],
  isWanted: renamesCluster,
  edit: (resource, { renames }) =>
    dataKeys(resource)
      .filter(isKubeconfigKey)
      .reduce((at, key) => editData(at, key, (text) => editIfKubeconfig(text, clusterOf(renames))), resource),
};

function editIfKubeconfig(text: string, cluster: ClusterName): string {
  if (!text.includes('server') || !text.includes('clusters')) return text;
  try {
    return editTextDocument(text, (root) => editKubeconfig(root, cluster));
  } catch (error) {
    if (error instanceof Failure && error.code.startsWith('formats/')) return text;
    throw error;
  }
}
