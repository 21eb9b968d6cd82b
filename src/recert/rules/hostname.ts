import { itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { annotationOf, dataKeys, editData, replaceAnnotation } from '#k8s/data.ts';
import { renameManagedField } from '#k8s/managedFields.ts';
import { editResource } from '#k8s/resource.ts';
import type { Change, Renames } from '../renames.ts';
import { renameInEnvironment, renameInPod, renameInPodText, renameInText } from './etcdNames.ts';
import {
  baseName,
  editTextDocument,
  endsWithPath,
  type FileRenameRule,
  type FileRule,
  type ObjectRule,
  renamesHost,
} from './rule.ts';

function hostOf(renames: Renames): Change {
  if (renames.hostname === undefined) throw new Error('rule applied without a new hostname');
  return renames.hostname;
}

const CERTIFICATES = 'secrets/openshift-etcd/';
const KINDS = ['etcd-peer', 'etcd-serving-metrics', 'etcd-serving'];

/** What carries the node's name in the cluster: certificates of etcd, its pod, and the operators' view of the node. */
export const HOSTNAME_RULES: readonly ObjectRule[] = [
  {
    name: 'etcd-all-certs',
    objects: [`${CERTIFICATES}etcd-all-certs*`],
    isUsual: true,
    isWanted: renamesHost,
    edit: (secret, { renames }) => {
      const change = hostOf(renames);
      return dataKeys(secret).reduce((at, key) => {
        const wanted = renameInText(key, change);
        if (wanted === key) return at;
        const renamed = editResource(at, (root) => root.get('data')?.rename(key, wanted));
        return renameManagedField(renamed, 'f:data', `f:${key}`, `f:${wanted}`);
      }, secret);
    },
  },
  {
    name: 'etcd-node-certificates',
    objects: KINDS.map((kind) => `${CERTIFICATES}${kind}-*`),
    isUsual: true,
    isWanted: renamesHost,
    edit: (secret, { renames }) => {
      const { old, new: wanted } = hostOf(renames);
      const name = baseName(secret.key);
      const kind = KINDS.find((candidate) => name === `${candidate}-${old}`);
      if (kind === undefined) return secret;
      const described = 'openshift.io/description';
      const renamed = editResource(secret, (root) =>
        nodeAt(root, 'metadata', 'name')?.replace(`${kind}-${wanted}`),
      );
      const description = annotationOf(renamed, described);
      const edited =
        description === undefined
          ? renamed
          : replaceAnnotation(renamed, described, description.replaceAll(old, wanted));
      return { ...edited, key: `${secret.key.slice(0, -name.length)}${kind}-${wanted}` };
    },
  },
  {
    name: 'etcd-pod-names',
    objects: ['configmaps/openshift-etcd/etcd-pod*', 'configmaps/openshift-etcd/restore-etcd-pod*'],
    isUsual: true,
    isWanted: renamesHost,
    edit: (configMap, { renames }) =>
      editData(configMap, 'pod.yaml', (text) => renameInPodText(text, hostOf(renames))),
  },
  {
    name: 'etcd-scripts-names',
    objects: ['configmaps/openshift-etcd/etcd-scripts*'],
    isUsual: true,
    isWanted: renamesHost,
    edit: (configMap, { renames }) => {
      const edited = editData(configMap, 'etcd.env', (text) => renameInEnvironment(text, hostOf(renames)));
      return editData(edited, 'cluster-backup.sh', (text) => renameInText(text, hostOf(renames)));
    },
  },
  {
    name: 'operator-node-statuses',
    objects: ['kubeapiservers', 'kubeschedulers', 'kubecontrollermanagers', 'etcds'].map(
      (plural) => `operator.openshift.io/${plural}/cluster`,
    ),
    isUsual: true,
    isWanted: renamesHost,
    edit: (operator, { renames }) =>
      editResource(operator, (root) => {
        for (const status of itemsAt(root, 'status', 'nodeStatuses'))
          replaceText(status.get('nodeName'), hostOf(renames).new);
      }),
  },
];

export const HOSTNAME_FILES: readonly FileRule[] = [
  {
    name: 'etcd-pod-file-names',
    isWanted: renamesHost,
    matches: (path) => endsWithPath(path, 'etcd-pod.yaml') || /etcd-pod\/pod\.yaml$/.test(path),
    edit: (text, { renames }) =>
      /^\s*\{/.test(text)
        ? editTextDocument(text, (pod) => renameInPod(pod, hostOf(renames)))
        : renameInPodText(text, hostOf(renames)),
  },
  {
    name: 'etcd-script-files',
    isWanted: renamesHost,
    matches: (path) => /\/etcd-scripts\/(?:cluster-backup\.sh|etcd\.env)$/.test(path),
    edit: (text, { renames }) => renameInEnvironment(text, hostOf(renames)),
  },
  {
    name: 'startup-monitor-pod-file',
    isWanted: renamesHost,
    matches: (path) => endsWithPath(path, 'kube-apiserver-startup-monitor-pod.yaml'),
    edit: (text, { renames }) => renameInText(text, hostOf(renames)),
  },
];

export const ETCD_CERTIFICATE_FILES: FileRenameRule = {
  name: 'etcd-certificate-files',
  isWanted: renamesHost,
  rename: (path, renames) => {
    if (!/\/etcd-all-certs\/[^/]+$/.test(path)) return path;
    const name = baseName(path);
    return path.slice(0, -name.length) + renameInText(name, hostOf(renames));
  },
};
